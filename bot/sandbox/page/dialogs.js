import { h } from "./dom.js";
import { iconButton } from "./icons.js";

/** A modal sheet; its cross, Escape and a tap beside it close it. Gives the dialog. */
export function sheet(title, className, ...content) {
  const close = () => dialog.close();
  const dialog = h(
    "dialog",
    { class: `sheet ${className}`, "aria-label": title, onclose: () => dialog.remove() },
    h("header", {}, h("h2", {}, title), iconButton("close", "Close", close)),
    content,
  );
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks for a line of text; `act(text)` gets it. */
export function ask(title, placeholder, act) {
  const field = h("input", { placeholder, "aria-label": placeholder, required: true, maxlength: 64 });
  const submit = (event) => {
    event.preventDefault();
    dialog.close();
    act(field.value.trim());
  };
  const dialog = sheet(
    title,
    "asking",
    h("form", { onsubmit: submit }, field, h("button", { class: "solid" }, "Create")),
  );
  field.focus();
}

/** A picture as large as the window allows. */
export function showPicture(url, words) {
  const dialog = sheet(words, "picture", h("img", { src: url, alt: words, onclick: () => dialog.close() }));
}
