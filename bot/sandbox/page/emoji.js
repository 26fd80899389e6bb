// A machine without a colour emoji font would show empty boxes: flags become small plates with the
// country's letters, known pictures are drawn, and others become a dot.
import { h } from "./dom.js";
import { DRAWINGS } from "./drawings.js";

const FLAG = /^[\u{1F1E6}-\u{1F1FF}]{2}$/u;
const PICTURE = /\p{Extended_Pictographic}[\uFE0F\u{1F3FB}-\u{1F3FF}]*(?:\u200D\p{Extended_Pictographic}\uFE0F?)*/u;
const PIECES = new RegExp(`([\\u{1F1E6}-\\u{1F1FF}]{2}|${PICTURE.source})`, "u");
const UNKNOWN = ["currentColor", "M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z"];
const drawsPictures = drawsColour("😀");
const drawsFlags = drawsColour("🇩🇪");

/** The nodes of `text`, with emoji that this machine cannot draw replaced by drawings. */
export function textNodes(text) {
  if (drawsPictures && drawsFlags) return [document.createTextNode(text)];
  const pieces = text.split(PIECES).filter(Boolean);
  return pieces.map((piece) => substitute(piece) ?? document.createTextNode(piece));
}

function substitute(piece) {
  if (FLAG.test(piece)) return drawsFlags ? null : plate(piece);
  if (drawsPictures) return null;
  const [first] = piece;
  const known = DRAWINGS[first];
  return known || /\p{Emoji_Presentation}/u.test(first) ? drawing(piece, known ?? UNKNOWN) : null;
}

function plate(flag) {
  const letters = [...flag].map((sign) => String.fromCharCode(sign.codePointAt(0) - 0x1f1a5)).join("");
  return h("span", { class: "flag", role: "img", "aria-label": letters }, letters);
}

function drawing(piece, [colour, outline, inner]) {
  const holder = h("span", { class: "emoji", role: "img", "aria-label": piece, style: `color:${colour}` });
  const fill = inner ? `fill="currentColor"` : "";
  holder.innerHTML =
    `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2" ` +
    `stroke-linecap="round" stroke-linejoin="round"><path d="${outline}" ${fill}/>` +
    `${inner ? `<path d="${inner}" stroke="#fff"/>` : ""}</svg>`;
  return holder;
}

/** Whether the machine draws `emoji` in colour: a box or letters would be black. */
function drawsColour(emoji) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 24;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.font = "20px sans-serif";
  context.textBaseline = "top";
  context.fillText(emoji, 0, 0);
  const { data } = context.getImageData(0, 0, 24, 24);
  return data.some((value, index) => index % 4 < 3 && value > 60);
}
