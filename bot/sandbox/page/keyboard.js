import { press } from "./acts.js";
import { h } from "./dom.js";
import { textNodes } from "./emoji.js";
import { icon } from "./icons.js";

/** The inline keyboard under a message, or null. */
export function keyboard(message) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  if (!rows.length) return null;
  return h(
    "div",
    { class: "keyboard" },
    rows.map((row, y) =>
      h("div", { class: "keys" }, row.map((button, x) => key(message, button, `${y}:${x}`))),
    ),
  );
}

function key(message, button, position) {
  const place = `${message.chat.id} ${message.message_id} ${position}`;
  return h(
    "button",
    {
      class: `key ${button.style ?? ""}`,
      "data-place": place,
      onclick: () => press(message, button, place),
    },
    h("span", { class: "label" }, textNodes(button.text)),
    corner(button),
  );
}

function corner(button) {
  if (button.copy_text) return icon("copy");
  return button.url ? icon("link") : null;
}

/** Marks the keys whose press the bot has not answered yet. */
export function markPressed(places) {
  for (const element of document.querySelectorAll(".key[data-place]")) {
    const waiting = places.has(element.dataset.place);
    element.classList.toggle("waiting", waiting);
    element.setAttribute("aria-busy", String(waiting));
  }
}
