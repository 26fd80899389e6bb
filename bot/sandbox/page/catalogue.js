import { spotsms } from "./api.js";
import { h, reconcile } from "./dom.js";
import { attempt, toast } from "./toast.js";

const services = h("datalist", { id: "services" });
const service = h("input", { list: "services", placeholder: "Service", "aria-label": "Service", oninput: drawOffers });
const offers = h("div", { class: "offers" });
const body = h("div", { class: "catalogue" }, services, service, offers);

let catalogue = null;

/** The card that changes stock and prices; the catalogue is read when it is opened. */
export const catalogueCard = h(
  "details",
  { class: "card", "aria-label": "Stock and prices", ontoggle: load },
  h("summary", {}, "Stock and prices"),
  body,
);

async function load() {
  if (!catalogueCard.open) return;
  catalogue = await attempt(() => spotsms.catalogue());
  reconcile(services, catalogue.services.map((each) => h("option", { value: each.name })));
  drawOffers();
}

function drawOffers() {
  const wanted = service.value.trim().toLowerCase();
  const found = catalogue?.services.find((each) => each.name.toLowerCase() === wanted);
  reconcile(offers, found ? found.offers.map(offerRow) : []);
}

function offerRow({ pid, price }) {
  return h("div", { class: "offer" }, h("span", { class: "pid", title: "pid" }, pid), priceForm(pid, price), stockForm(pid));
}

function priceForm(pid, price) {
  const field = h("input", { value: price, inputmode: "decimal", "aria-label": `Price of ${pid}` });
  return form(field, "Price", async () => {
    await spotsms.price({ pid, price: field.value });
    return `${pid} now costs $${field.value}`;
  });
}

function stockForm(pid) {
  const country = h("select", { "aria-label": "Country" }, countries().map(([code, name]) => h("option", { value: code }, name)));
  const count = h("input", { value: "0", inputmode: "numeric", "aria-label": "Numbers in stock" });
  return form([country, count], "Stock", async () => {
    await spotsms.stock({ pid, country: country.value, count: Number(count.value) });
    return `${pid}: ${count.value} numbers in ${country.selectedOptions[0].text}`;
  });
}

function countries() {
  return catalogue.countries.map((each) => [each.code, each.name]);
}

function form(fields, words, act) {
  const submit = async (event) => {
    event.preventDefault();
    const said = await attempt(act);
    if (said) toast(said);
  };
  return h("form", { onsubmit: submit }, fields, h("button", { class: "quiet" }, `Set ${words.toLowerCase()}`));
}
