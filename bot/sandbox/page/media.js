import { telegram } from "./api.js";
import { showPicture } from "./dialogs.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** The photo or document of a message, or null. */
export function media(message) {
  if (message.photo) return photo(message);
  return message.document ? file(message.document, message) : null;
}

function photo(message) {
  const { width, height, file_url: own } = message.photo.at(-1);
  const url = telegram.fileUrl(own ?? message.file_url ?? "");
  return h(
    "button",
    { class: "photo", "aria-label": "Enlarge the picture", onclick: () => showPicture(url, "Picture") },
    h("img", { src: url, alt: message.caption ?? "Picture", width, height }),
  );
}

function file(document, message) {
  const url = telegram.fileUrl(document.file_url ?? message.file_url ?? "");
  return h(
    "a",
    { class: "document", href: url, download: document.file_name ?? "file" },
    h("span", { class: "sheet" }, icon("file")),
    h("span", {}, h("b", {}, document.file_name ?? "File"), h("small", {}, size(document.file_size))),
  );
}

function size(bytes) {
  if (!bytes) return "";
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
