// A press must end on the element that it began on: what is drawn anew meanwhile waits for its end.
let pressing = false;
const waiting = new Map();

addEventListener("pointerdown", () => (pressing = true), true);
addEventListener("pointerup", () => setTimeout(release), true); // the click comes first
addEventListener("pointercancel", release, true);
addEventListener("blur", release);

/** Draws at once, or after the press that is under way; each thing once. */
export function drawCalmly(what, drawing) {
  if (pressing) waiting.set(what, drawing);
  else drawing();
}

function release() {
  pressing = false;
  const drawings = [...waiting.values()];
  waiting.clear();
  for (const drawing of drawings) drawing();
}
