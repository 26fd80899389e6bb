import { spotsms, telegram } from "./api.js";
import { h, reconcile } from "./dom.js";
import { attempt, toast } from "./toast.js";

const FAULTS = [
  { words: "Slow purchase", note: "getNumber answers after 5 s", spotsms: { action: "getNumber", kind: "delay", seconds: 5 } },
  { words: "Silent purchase", note: "charged, and no answer for 60 s", spotsms: { action: "getNumber", kind: "stall", seconds: 60, after_effect: true } },
  { words: "Drop, charged", note: "the number is sold, its answer is lost", spotsms: { action: "getNumber", kind: "drop", after_effect: true } },
  { words: "Drop, uncharged", note: "the connection breaks, nothing is sold", spotsms: { action: "getNumber", kind: "drop" } },
  { words: "Server error", note: "body code 500 on the next purchase", spotsms: { action: "getNumber", kind: "http500" } },
  { words: "No numbers", note: "body code 906 on the next purchase", spotsms: { action: "getNumber", kind: "code", code: 906 } },
  { words: "Too frequent", note: "body code 409 on the next 3 looks", spotsms: { action: "getMsg", kind: "code", code: 409, times: 3 } },
  { words: "Key refused", note: "body code 401 on the next call", spotsms: { action: "*", kind: "code", code: 401 } },
  { words: "HTML page", note: "a web page instead of JSON, once", spotsms: { action: "*", kind: "html" } },
  { words: "Cancel unheard", note: "the cancel counts, its answer is lost", spotsms: { action: "cancelRsActivation", kind: "drop", after_effect: true } },
  { words: "Telegram 429", note: "flood control: retry after 5 s", telegram: { method: "sendMessage", kind: "429", retry_after: 5 } },
  { words: "Telegram 502", note: "bad gateway on the next message", telegram: { method: "sendMessage", kind: "5xx" } },
];
const OWN_TIMES = { times: 1 };

const grid = h("div", { class: "faults" });
const clear = h("button", { class: "quiet", onclick: clearAll, hidden: true }, "Clear");

/** The card of one-click faults. */
export const faultsCard = h("section", { class: "card", "aria-label": "Faults" }, h("h3", {}, "Make it fail once", clear), grid);

const buttons = new Map(FAULTS.map((fault) => [fault, faultButton(fault)]));
reconcile(grid, [...buttons.values()]);

function faultButton(fault) {
  return h("button", { class: fault.telegram ? "fault of-telegram" : "fault", title: fault.note, onclick: () => inject(fault) }, fault.words);
}

async function inject(fault) {
  const body = { ...OWN_TIMES, ...(fault.spotsms ?? fault.telegram) };
  const done = await attempt(async () => {
    await (fault.spotsms ? spotsms : telegram).fault(body);
    return true;
  });
  if (done) toast(`${fault.words}: ${fault.note}`);
}

async function clearAll() {
  await attempt(() => Promise.all([spotsms.clearFaults(), telegram.clearFaults()]));
}

/** Lights the SpotSMS faults that still wait for their call. */
export function showFaults(waiting) {
  for (const [fault, button] of buttons) {
    if (fault.spotsms) button.classList.toggle("armed", waiting.some((each) => isSame(each, fault.spotsms)));
  }
  clear.hidden = waiting.length === 0;
}

function isSame(waiting, { action, kind, after_effect: after = false, code = null }) {
  const same = waiting.action === action && waiting.kind === kind && (waiting.code ?? null) === code;
  return same && Boolean(waiting.after_effect) === after && waiting.times !== 0;
}
