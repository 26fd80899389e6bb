import { h } from "./dom.js";

const TOAST_MS = 3200;
const FADE_MS = 250;

/** A short note over the chat, gone after a few seconds. */
export function toast(words) {
  const note = h("div", { class: "toast" }, words);
  document.getElementById("toasts").replaceChildren(note);
  setTimeout(() => note.classList.add("leaving"), TOAST_MS);
  setTimeout(() => note.remove(), TOAST_MS + FADE_MS);
}

/** A modal alert, as `answerCallbackQuery(show_alert=True)` shows it. */
export function alertBox(title, words) {
  const dialog = h(
    "dialog",
    { class: "alert", onclose: () => dialog.remove() },
    h("h2", {}, title),
    h("p", {}, words),
    h("button", { onclick: () => dialog.close(), autofocus: true }, "OK"),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** Copies to the clipboard and says so. */
export async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    copyBySelection(words);
  }
  toast("Copied to clipboard");
}

function copyBySelection(words) {
  const field = h("textarea", { style: "position:fixed;opacity:0" }, words);
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

/** Runs an asynchronous act and shows its error, if any. */
export async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    toast(error.message);
    return null;
  }
}
