import { h } from "./dom.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "14:05" of a Unix time. */
export const clock = (unix) =>
  new Date(unix * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

/** "14:05:09" of a Unix time with fractions. */
export const preciseClock = (unix) => new Date(unix * 1000).toLocaleTimeString("en-GB");

/** "Today", "Yesterday" or "3 March". */
export function dayName(unix) {
  const day = new Date(unix * 1000);
  const days = Math.round((midnight(new Date()) - midnight(day)) / (DAY * 1000));
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return day.toLocaleDateString("en-GB", { day: "numeric", month: "long" });
}

const midnight = (date) => new Date(date).setHours(0, 0, 0, 0);

/** "1:05" or "2:00:09": a length in seconds. */
export function length(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / HOUR), Math.floor((whole % HOUR) / MINUTE), whole % MINUTE];
  if (!parts[0]) parts.shift();
  return parts.map((part, index) => (index ? String(part).padStart(2, "0") : part)).join(":");
}

/** "in 19:42", "in 3 hours", "5 minutes ago". */
export function relative(unix, now = Date.now() / 1000) {
  const left = Math.round(unix - now);
  if (left >= 0 && left < HOUR) return `in ${length(left)}`;
  const words = new Intl.RelativeTimeFormat("en", { numeric: "always" });
  const size = Math.abs(left);
  if (size < MINUTE) return words.format(left, "second");
  if (size < HOUR) return words.format(Math.trunc(left / MINUTE), "minute");
  if (size < DAY) return words.format(Math.trunc(left / HOUR), "hour");
  return words.format(Math.trunc(left / DAY), "day");
}

/** A `<tg-time>`: format is Telegram's, "r" or letters of w, d/D, t/T. */
export function timeElement(unix, format, fallback) {
  const absolute = new Date(unix * 1000).toLocaleString("en-GB");
  const element = h("time", { class: "date-time", "data-unix": unix, title: absolute });
  if (format?.includes("r")) element.dataset.relative = "";
  element.textContent = format ? spelled(unix, format) : fallback;
  return element;
}

function spelled(unix, format) {
  if (format.includes("r")) return relative(unix);
  const options = {
    ...(format.includes("w") && { weekday: "long" }),
    ...(format.includes("d") && { day: "2-digit", month: "2-digit", year: "numeric" }),
    ...(format.includes("D") && { day: "numeric", month: "long", year: "numeric" }),
    ...(/t/i.test(format) && { hour: "2-digit", minute: "2-digit" }),
    ...(format.includes("T") && { second: "2-digit" }),
  };
  return new Date(unix * 1000).toLocaleString("en-GB", options);
}

setInterval(() => {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    element.textContent = relative(Number(element.dataset.unix));
  }
  for (const element of document.querySelectorAll("[data-born]")) {
    element.textContent = length(Date.now() / 1000 - Number(element.dataset.born));
  }
}, 1000);
