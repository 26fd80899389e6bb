// A press must end on the element that it began on: what is drawn anew meanwhile waits for its end.
let pressing = false;
let ending = null;
const waiting = new Map();

addEventListener("pointerdown", begin, true);
addEventListener("pointermove", ({ buttons }) => pressing && !buttons && end(), true); // it ended elsewhere
addEventListener("pointerup", () => (ending = setTimeout(end)), true); // the click comes first
addEventListener("pointercancel", end, true);
addEventListener("blur", end);
addEventListener("click", () => (pressing = false), true); // what it leads to is drawn at once

/** Draws at once, or after the press that is under way; each thing once. */
export function drawCalmly(what, drawing) {
  if (pressing) {
    waiting.set(what, drawing);
    return;
  }
  waiting.delete(what);
  drawing();
}

function begin() {
  clearTimeout(ending);
  pressing = true;
}

function end() {
  pressing = false;
  const drawings = [...waiting.values()];
  waiting.clear();
  for (const drawing of drawings) drawing();
}
