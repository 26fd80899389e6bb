import { drawCalmly } from "./calm.js";
import { h, reconcile } from "./dom.js";
import { textNodes } from "./emoji.js";
import { preciseClock } from "./time.js";

const KEPT = 300;
const QUIET = new Set(["getUpdates", "getMe"]);
const UNTOLD = new Set(["action", "parse_mode", "callback_query_id"]);
const TOLD = new Set(["string", "number"]);
const SOURCES = ["All", "SpotSMS", "Telegram"];

const calls = new Map();
const rows = new Map();
let shown = "All";
let drawing = false;

const list = h("div", { class: "log scroll", role: "log", "aria-label": "API calls" });
const tabs = h("span", { class: "tabs" });

/** The card with the latest API calls of both servers. */
export const logCard = h(
  "section",
  { class: "card grows", "aria-label": "API calls" },
  h("h3", {}, "API calls", tabs),
  list,
);
drawTabs();

/** Adds a call of "SpotSMS" or "Telegram" to the log; the same call again brings its answer. */
export function addCall(source, call) {
  if (QUIET.has(call.method)) return;
  const key = `${source} ${call.n}`;
  calls.set(key, { ...call, key, source, name: call.action ?? call.method, outcome: outcome(source, call) });
  for (const oldest of calls.keys()) {
    if (calls.size <= KEPT) break;
    calls.delete(oldest);
  }
  if (!drawing) requestAnimationFrame(() => drawCalmly("log", draw));
  drawing = true;
}

function outcome(source, { ok, error, code, fault }) {
  if (fault) return { words: code ? `${fault} ${code}` : fault, tone: "bad" };
  if (source === "Telegram" && ok) return { words: "ok", tone: "good" };
  if (source === "Telegram") return { words: shortError(error), tone: "bad" };
  if (code === null) return { words: "…", tone: "" };
  return { words: String(code), tone: { 200: "good", 404: "" }[code] ?? "bad" };
}

function shortError(error) {
  return String(error?.error_code ?? error ?? "no answer").split(":")[0];
}

function draw() {
  drawing = false;
  const visible = [...calls.values()].filter((call) => shown === "All" || call.source === shown);
  visible.sort((a, b) => b.at - a.at);
  const before = list.scrollHeight;
  reconcile(list, grouped(visible).map(row));
  if (list.scrollTop > 8) list.scrollTop += list.scrollHeight - before;
}

/** Looks that bring nothing, one after another, share a line. */
function grouped(newestFirst) {
  const groups = [];
  for (const call of newestFirst) {
    const last = groups.at(-1);
    if (last && isRepeat(last.call, call)) last.count += 1;
    else groups.push({ call, count: 1 });
  }
  return groups;
}

function isRepeat(a, b) {
  return a.name === "getMsg" && b.name === "getMsg" && a.outcome.words === b.outcome.words;
}

function row({ call, count }) {
  const version = `${call.key} ${count} ${call.outcome.words}`;
  const known = rows.get(call.key);
  if (known?.version === version) return known.element;
  const element = draft(call, count);
  element.open = known?.element.open ?? false;
  rows.set(call.key, { version, element });
  return element;
}

function draft(call, count) {
  const { source, name, params, at, outcome: result, error } = call;
  return h(
    "details",
    { class: `call ${result.tone}` },
    h(
      "summary",
      {},
      h("time", {}, preciseClock(at)),
      h("i", { class: source.toLowerCase(), title: source }),
      h("b", {}, name),
      h("span", { class: "gist" }, count > 1 ? `× ${count}` : textNodes(gist(params))),
      h("span", { class: "outcome" }, result.words),
    ),
    h("pre", {}, JSON.stringify(params, null, 2), error ? `\n${JSON.stringify(error)}` : ""),
  );
}

function gist(params = {}) {
  const words = params.text ?? params.caption;
  if (words) return words.replace(/<[^>]+>/g, "").replace(/\s+/g, " ");
  const told = Object.entries(params).filter(([name, value]) => !UNTOLD.has(name) && TOLD.has(typeof value));
  return told.map(([, value]) => value).join(" · ");
}

function drawTabs() {
  reconcile(tabs, SOURCES.map((source) =>
    h("button", { "aria-pressed": String(source === shown), onclick: () => choose(source) }, source),
  ));
}

function choose(source) {
  shown = source;
  drawTabs();
  draw();
}
