import { h } from "./dom.js";

// A machine without a colour emoji font would show empty boxes: flags become small plates with
// the country's letters, and the pictures that a chat is likely to hold are drawn here.
const FLAG = /[\u{1F1E6}-\u{1F1FF}]{2}/u;
const PICTURE = /\p{Extended_Pictographic}\uFE0F?/u;
const PIECES = new RegExp(`(${FLAG.source}|${PICTURE.source})`, "u");
const DRAWN = {
  "✅": ["#35b34a", "M4 4h16v16H4z", "M7.5 12.5l3 3 6-7"],
  "❌": ["#dd3f46", "M5 5l14 14M19 5L5 19", ""],
  "⏳": ["#d99a3d", "M6 3h12M6 21h12M7 3c0 5 4 6 5 9 1-3 5-4 5-9M7 21c0-5 4-6 5-9 1 3 5 4 5 9", ""],
  "⌛": ["#d99a3d", "M6 3h12M6 21h12M7 3c0 5 4 6 5 9 1-3 5-4 5-9M7 21c0-5 4-6 5-9 1 3 5 4 5 9", ""],
  "🔍": ["#5b8fc7", "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM14.5 14.5L20 20", ""],
  "💬": ["#5b8fc7", "M4 5h16v11H11l-5 4v-4H4z", ""],
  "📱": ["#4b5563", "M7 2.5h10v19H7zM10.5 18.5h3", ""],
  "⚠": ["#d9930d", "M12 3L2.5 20h19zM12 9.5v5M12 17.2v.1", ""],
  "🔔": ["#d9a10d", "M5 18h14c-2-2-2-4-2-7a5 5 0 0 0-10 0c0 3 0 5-2 7zM10 21h4", ""],
  "🔄": ["#3a86c8", "M19 8a8 8 0 0 0-14-1M5 16a8 8 0 0 0 14 1M5 3v4h4M19 21v-4h-4", ""],
  "💳": ["#b98a2f", "M3 6h18v12H3zM3 10h18M6 15h4", ""],
  "💰": ["#c79a2b", "M9 3h6l-2 4c5 3 7 13 3 14H8c-4-1-2-11 3-14zM12 11v6", ""],
  "📋": ["#8a6d4b", "M6 4h12v17H6zM9 3h6v3H9zM9 11h6M9 15h6", ""],
  "👋": ["#e0a84a", "M8 12V6M11 11V4M14 11V5M17 13V8M8 12c-2-2-4 0-3 2l4 6h6c3-2 3-6 2-9", ""],
};
const supported = drawsColour("🇩🇪") || drawsColour("😀");
const drawsFlags = drawsColour("🇩🇪");

/** The nodes of `text`, with emoji that this machine cannot draw replaced by drawings. */
export function textNodes(text) {
  if (supported && drawsFlags) return [document.createTextNode(text)];
  return text.split(PIECES).filter(Boolean).map((piece) => substitute(piece) ?? document.createTextNode(piece));
}

function substitute(piece) {
  if (FLAG.test(piece)) return drawsFlags ? null : plate(piece);
  return supported || !DRAWN[bare(piece)] ? null : drawing(piece);
}

const bare = (piece) => piece.replace("\uFE0F", "");

function plate(flag) {
  const letters = [...flag].map((sign) => String.fromCharCode(sign.codePointAt(0) - 0x1f1a5)).join("");
  return h("span", { class: "flag", role: "img", "aria-label": `${flag} ${letters}` }, letters);
}

function drawing(piece) {
  const [colour, outline, inner] = DRAWN[bare(piece)];
  const holder = h("span", { class: "emoji", role: "img", "aria-label": piece, style: `color:${colour}` });
  holder.innerHTML =
    `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2" ` +
    `stroke-linecap="round" stroke-linejoin="round"><path d="${outline}" fill="${inner ? "currentColor" : "none"}"/>` +
    `<path d="${inner}" stroke="#fff"/></svg>`;
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
