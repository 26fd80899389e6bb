import { spotsms, telegram } from "./api.js";
import { h, reconcile } from "./dom.js";
import { attempt, toast } from "./toast.js";

const BUY = { action: "getNumber" };
const FAULTS = [
  spot("Slow purchase", "the next purchase is answered after 5 s", { ...BUY, kind: "delay", seconds: 5 }),
  spot("Silent purchase", "the next purchase is charged, and not answered for 60 s", {
    ...BUY,
    kind: "stall",
    seconds: 60,
    after_effect: true,
  }),
  spot("Drop, charged", "the next purchase is charged, its answer lost", {
    ...BUY,
    kind: "drop",
    after_effect: true,
  }),
  spot("Drop, uncharged", "the next purchase breaks off, nothing is sold", { ...BUY, kind: "drop" }),
  spot("Server error", "the next purchase is answered with HTTP status 500", { ...BUY, kind: "http500" }),
  spot("No numbers", "the next purchase is answered with code 906", { ...BUY, kind: "code", code: 906 }),
  spot("Too frequent", "the next 3 looks are answered with code 409", {
    action: "getMsg",
    kind: "code",
    code: 409,
    times: 3,
  }),
  spot("Key refused", "the next call is answered with code 401", { action: "*", kind: "code", code: 401 }),
  spot("HTML page", "the next call is answered with a web page", { action: "*", kind: "html" }),
  spot("Cancel unheard", "the next cancel counts, its answer is lost", {
    action: "cancelRsActivation",
    kind: "drop",
    after_effect: true,
  }),
  gram("Telegram 429", "the next message is refused: retry after 5 s", {
    method: "sendMessage",
    kind: "429",
    retry_after: 5,
  }),
  gram("Telegram 502", "the next message is answered with HTTP status 502", {
    method: "sendMessage",
    kind: "5xx",
  }),
];

function spot(words, note, fault) {
  return { words, note, api: spotsms, fault: { times: 1, ...fault } };
}

function gram(words, note, fault) {
  return { words, note, api: telegram, fault: { times: 1, ...fault } };
}

const armed = new Map();
const grid = h("div", { class: "faults" });
const clear = h("button", { class: "quiet", onclick: clearAll, hidden: true }, "Clear");

/** The card of one-click faults. */
export const faultsCard = h(
  "section",
  { class: "card", "aria-label": "Faults" },
  h("h3", {}, "Make it fail once", clear),
  grid,
);

const buttons = new Map(FAULTS.map((each) => [each, faultButton(each)]));
reconcile(grid, [...buttons.values()]);

function faultButton(each) {
  return h("button", { class: "fault", title: each.note, onclick: () => inject(each) }, each.words);
}

async function inject({ words, note, api, fault }) {
  const done = await attempt(async () => {
    await api.fault(fault);
    return true;
  });
  if (done) toast(`${words}: ${note}`);
}

async function clearAll() {
  await attempt(() => Promise.all([spotsms.clearFaults(), telegram.clearFaults()]));
}

/** Lights the faults of `api` (spotsms or telegram) that still wait for their call. */
export function showFaults(api, waiting) {
  for (const [each, button] of buttons) {
    if (each.api !== api) continue;
    button.classList.toggle("armed", waiting.some((fault) => isSame(fault, each.fault)));
  }
  armed.set(api, waiting.length);
  clear.hidden = ![...armed.values()].some(Boolean);
}

/** Whether a waiting fault is that of a button: `action` is SpotSMS's, `method` Telegram's. */
function isSame(waiting, { action, method, kind, after_effect: after = false, code = null }) {
  return (
    waiting.action === action &&
    waiting.method === method &&
    waiting.kind === kind &&
    (waiting.after_effect ?? false) === after &&
    (waiting.code ?? null) === code
  );
}
