import { h } from "./dom.js";
import { svgOf } from "./icons.js";

// Telegram's seven gradients and name colours, chosen by id.
const COLOURS = [
  ["#ff845e", "#d45246", "#cc5049"],
  ["#febb5b", "#f68136", "#c96a1a"],
  ["#b694f9", "#6c61df", "#8b55cc"],
  ["#9ad164", "#46ba43", "#368f1b"],
  ["#53edd6", "#28c9b7", "#278cab"],
  ["#5caffa", "#408acf", "#3277bd"],
  ["#ff8aac", "#d95574", "#bd4876"],
];
const SIM = "M7 3h7l4 4v14H7zM9.5 12h5.5v6H9.5zM12.2 12v6M9.5 15h5.5";

function colours(id) {
  return COLOURS[Math.abs(id) % COLOURS.length];
}

export const nameColour = (id) => colours(id)[2];

/** A round avatar with initials; the bot's shows a SIM card. */
export function avatar({ id, name, isBot = false }, size = 44) {
  const [from, to] = isBot ? COLOURS[5] : colours(id);
  const style = `--size:${size}px;--from:${from};--to:${to}`;
  return h("div", { class: "avatar", style, "aria-hidden": "true" }, isBot ? svgOf(SIM) : initials(name));
}

function initials(name) {
  const words = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  return words.slice(0, 2).map((word) => [...word][0].toUpperCase()).join("") || "?";
}
