import { spotsms } from "./api.js";
import { h, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { clock, length } from "./time.js";
import { attempt, copy } from "./toast.js";

const CLOSED_SHOWN = 4;
const open = h("div", { class: "numbers open scroll" });
const closed = h("div", { class: "numbers closed" });
const count = h("span", { class: "count" });
const rows = new Map();

/** The card with the sold numbers. */
export const numbersCard = h(
  "section",
  { class: "card", "aria-label": "Numbers" },
  h("h3", {}, "Open numbers", count),
  open,
  closed,
);

/** Draws the numbers (they come newest first); ended ones below, a few. */
export function drawNumbers(purchases) {
  const alive = purchases.filter((each) => each.state === "open");
  const ended = purchases.filter((each) => each.state !== "open").slice(0, CLOSED_SHOWN);
  count.textContent = alive.length || "";
  reconcile(open, alive.length ? alive.map(row) : [nothing]);
  reconcile(closed, ended.map(row));
}

const nothing = h("p", { class: "nothing" }, "Buy one in the chat; it shows up here, and you send it an SMS.");

/** A row is kept while nothing but its age changed, so that typing in it is not lost. */
function row(purchase) {
  const { age_seconds: age, polls, ...lasting } = purchase;
  const version = JSON.stringify(lasting);
  const known = rows.get(purchase.number);
  const element = known?.version === version ? known.element : draw(purchase, age);
  element.querySelector(".polls").textContent = polls === 1 ? "1 look" : `${polls} looks`;
  rows.set(purchase.number, { version, element });
  return element;
}

function draw(purchase, age) {
  const alive = purchase.state === "open";
  const born = Date.now() / 1000 - age;
  return h(
    "article",
    { class: `number ${purchase.state}`, "data-number": purchase.number },
    h(
      "div",
      { class: "number-line" },
      h("button", { class: "digits", title: "Copy", onclick: () => copy(purchase.number) }, purchase.number),
      h("span", { class: "price" }, `$${purchase.price.replace(/(\.\d\d\d*?)0+$/, "$1")}`),
    ),
    h(
      "div",
      { class: "number-facts" },
      h("span", { class: "what" }, `${purchase.service} · ${purchase.country.toUpperCase()}`),
      alive
        ? h("span", { class: "age", "data-born": born, title: "Age" }, length(age))
        : h("span", { class: "state" }, ending(purchase)),
      h("span", { class: "polls", title: "How often the bot looked for an SMS" }),
    ),
    purchase.messages.map(smsLine),
    alive ? smsForm(purchase) : null,
  );
}

function ending({ state, refunded }) {
  return refunded ? `${state}, refunded` : state;
}

function smsLine({ text, at }) {
  return h("p", { class: "sms" }, icon("message"), h("span", {}, text), h("time", {}, clock(at)));
}

function smsForm(purchase) {
  const text = h("input", { placeholder: "SMS with a code", "aria-label": "Text of the SMS" });
  const submit = async (event) => {
    event.preventDefault();
    const sent = { number: purchase.number, text: text.value.trim() || undefined };
    await attempt(() => spotsms.sms(sent));
    text.value = "";
  };
  const button = h("button", { class: "solid" }, "Send SMS");
  return h("form", { class: "sms-form", onsubmit: submit }, text, button);
}
