// The chat's background: small line drawings scattered on a tile, as an SVG used as a mask.
const TILE = 396;
const CELL = 66;
const DOODLES = [
  "M4 5h16v11H11l-5 4v-4H4z",
  "M3 6h18v12H3zM3 7l9 7 9-7",
  "M7 3h7l4 4v14H7zM10 12h5v6h-5z",
  "M3 12L21 4l-4 16-5-6zM12 14l9-10",
  "M12 4l2.5 5.2 5.5.8-4 4 1 5.6-5-2.7-5 2.7 1-5.6-4-4 5.5-.8z",
  "M12 20C3 13 4 6 8.5 6 11 6 12 8.5 12 8.5S13 6 15.5 6C20 6 21 13 12 20z",
  "M8 3h8v18H8zM11 18h2",
  "M14 10a4 4 0 1 0-3 3.9L9 16v2H7v2H4v-3z",
  "M5 8h11v7a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4zM16 10h3v4h-3M8 3v2M12 3v2",
  "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c-5 6-5 12 0 18 5-6 5-12 0-18",
  "M6 10V8a6 6 0 0 1 12 0v2M5 10h14v10H5zM12 14v3",
  "M5 18h14c-2-2-2-4-2-7a5 5 0 0 0-10 0c0 3 0 5-2 7zM10 21h4",
  "M7 17a4 4 0 0 1 0-8 5 5 0 0 1 10-1 4.5 4.5 0 0 1 0 9z",
  "M13 3L6 13h5l-1 8 7-11h-5z",
];

/** Writes the pattern into the CSS variable `--doodles`. */
export function drawWallpaper() {
  const columns = TILE / CELL;
  const cells = Array.from({ length: columns * columns }, (_, index) => doodle(index, columns));
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${TILE}" height="${TILE}" fill="none" ` +
    `stroke="#000" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round">${cells.join("")}</svg>`;
  const url = `url("data:image/svg+xml,${encodeURIComponent(svg)}")`;
  document.documentElement.style.setProperty("--doodles", url);
}

function doodle(index, columns) {
  const spread = (factor, range) => ((index * factor) % 101) / 101 * range - range / 2;
  const x = ((index % columns) + 0.5) * CELL + spread(37, 22) - 13;
  const y = (Math.floor(index / columns) + 0.5) * CELL + spread(61, 22) - 13;
  const scale = 1.08 + spread(23, 0.4);
  const path = DOODLES[(index * 5 + Math.floor(index / columns)) % DOODLES.length];
  const turn = spread(47, 70).toFixed(0);
  const place = `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${turn} 14 14)`;
  return `<path transform="${place} scale(${scale.toFixed(2)})" d="${path}"/>`;
}
