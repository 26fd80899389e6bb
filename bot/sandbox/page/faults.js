import { spotsms, telegram } from "./api.js";
import { h, reconcile } from "./dom.js";
import { attempt, toast } from "./toast.js";

const BUY = { action: "getNumber" };
const FAULTS = [
  spot("Slow purchase", "getNumber answers after 5 s", { ...BUY, kind: "delay", seconds: 5 }),
  spot("Silent purchase", "charged, and no answer for 60 s", { ...BUY, kind: "stall", seconds: 60, after_effect: true }),
  spot("Drop, charged", "the number is sold, its answer is lost", { ...BUY, kind: "drop", after_effect: true }),
  spot("Drop, uncharged", "the connection breaks, nothing is sold", { ...BUY, kind: "drop" }),
  spot("Server error", "body code 500 on the next purchase", { ...BUY, kind: "http500" }),
  spot("No numbers", "body code 906 on the next purchase", { ...BUY, kind: "code", code: 906 }),
  spot("Too frequent", "body code 409 on the next 3 looks", { action: "getMsg", kind: "code", code: 409, times: 3 }),
  spot("Key refused", "body code 401 on the next call", { action: "*", kind: "code", code: 401 }),
  spot("HTML page", "a web page instead of JSON, once", { action: "*", kind: "html" }),
  spot("Cancel unheard", "the cancel counts, its answer is lost", {
    action: "cancelRsActivation",
    kind: "drop",
    after_effect: true,
  }),
  gram("Telegram 429", "flood control: retry after 5 s", { method: "sendMessage", kind: "429", retry_after: 5 }),
  gram("Telegram 502", "bad gateway on the next message", { method: "sendMessage", kind: "5xx" }),
];

function spot(words, note, fault) {
  return { words, note, api: spotsms, fault: { times: 1, ...fault } };
}

function gram(words, note, fault) {
  return { words, note, api: telegram, fault: { times: 1, ...fault } };
}

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

/** Lights the SpotSMS faults that still wait for their call. */
export function showFaults(waiting) {
  for (const [{ api, fault }, button] of buttons) {
    const armed = api === spotsms && waiting.some((each) => isSame(each, fault));
    button.classList.toggle("armed", armed);
  }
  clear.hidden = waiting.length === 0;
}

function isSame(waiting, { action, kind, after_effect: after = false, code = null }) {
  return (
    waiting.action === action &&
    waiting.kind === kind &&
    waiting.after_effect === after &&
    (waiting.code ?? null) === code
  );
}
