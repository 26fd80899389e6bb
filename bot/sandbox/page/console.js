// The right column: what happens behind the chat, and what may go wrong there.
import { spotsms } from "./api.js";
import { h, reconcile } from "./dom.js";
import { faultsCard, showFaults } from "./faults.js";
import { iconButton } from "./icons.js";
import { addCall, logCard } from "./log.js";
import { drawNumbers, numbersCard } from "./numbers.js";
import { catalogueCard } from "./catalogue.js";
import { attempt } from "./toast.js";

const amount = h("input", {
  class: "amount",
  inputmode: "decimal",
  "aria-label": "Balance in dollars",
  onchange: setBalance,
});
const spent = h("p", { class: "spent" });

/** Puts the console into the page. */
export function mountConsole(show) {
  const close = iconButton("close", "Close the console", () => show("chat"), "icon-button only-narrow");
  const about = [h("h2", {}, "Sandbox"), h("p", {}, "SpotSMS and Telegram on this machine")];
  reconcile(document.getElementById("console"), [
    h("header", { class: "console-header" }, about, close),
    h("div", { class: "cards scroll" }, balanceCard(), numbersCard, faultsCard, catalogueCard, logCard),
  ]);
  spotsms.listen(hear, async (online) => online && drawState(await spotsms.state()));
}

function hear(event) {
  if (event.type === "call") addCall("SpotSMS", event.call);
  else if (event.type === "state") drawState(event.state);
}

function drawState(state) {
  if (document.activeElement !== amount) amount.value = dollars(state.balance);
  spent.textContent = `${dollars(state.charged)} charged · ${dollars(state.refunded)} refunded`;
  drawNumbers(state.purchases);
  showFaults(spotsms, state.faults);
}

const dollars = (value) => `$${Number(value).toFixed(2)}`;

function balanceCard() {
  const label = h("label", {}, h("span", {}, "SpotSMS balance"), amount);
  return h("section", { class: "card balance", "aria-label": "Balance" }, label, spent);
}

async function setBalance() {
  const wanted = Number(amount.value.replace(/[^\d.]/g, ""));
  await attempt(() => spotsms.balance(wanted.toFixed(2)));
  amount.blur();
}
