import { h } from "./dom.js";

const PATHS = {
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  checks: "M1.5 12.5l4.5 4.5L16 7M10.5 15.5L12 17 22.5 7",
  chevron: "M6 9l6 6 6-6",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  link: "M8 16L17 7M9 6.5h8.5V15",
  more: "M12 5.2v.1M12 12v.1M12 18.8v.1",
  reply: "M10 6L4 12l6 6M4.5 12H14a6 6 0 0 1 6 6",
  sliders: "M4 7h9M19 7h1M4 17h1M11 17h9M16 4.5v5M8 14.5v5",
  menu: "M4 7h16M4 12h16M4 17h16",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  message: "M4 5h16v11H11l-5 4v-4H4z",
  send: "M3 20.5L21.5 12 3 3.5v6.6l11 1.9-11 1.9z",
};

/** A round button that holds an icon and says what it does by its label. */
export function iconButton(name, label, onclick, className = "icon-button") {
  return h("button", { class: className, "aria-label": label, onclick }, icon(name));
}

/** A 24-pixel line icon by name. */
export function icon(name) {
  const svg = svgOf(PATHS[name]);
  svg.setAttribute("class", `icon icon-${name}`);
  return svg;
}

/** A 24-pixel line drawing of one path. */
export function svgOf(drawing) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", drawing);
  svg.append(path);
  return svg;
}
