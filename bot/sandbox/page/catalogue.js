import { spotsms } from "./api.js";
import { h, reconcile } from "./dom.js";
import { attempt, toast } from "./toast.js";

const services = h("datalist", { id: "services" });
const service = h("input", {
  list: "services",
  placeholder: "Name of a service",
  "aria-label": "Service",
  oninput: drawOffers,
});
const offers = h("div", { class: "offers" });

let catalogue = null;

/** The card that changes stock and prices; the catalogue is read when it is opened. */
export const catalogueCard = h(
  "details",
  { class: "card", ontoggle: load },
  h("summary", {}, "Stock and prices"),
  h("div", { class: "catalogue" }, services, service, offers),
);

async function load() {
  if (!catalogueCard.open || catalogue) return;
  catalogue = await attempt(() => spotsms.catalogue());
  reconcile(services, catalogue.services.map((each) => h("option", { value: each.name })));
  drawOffers();
}

async function drawOffers() {
  const wanted = service.value.trim().toLowerCase();
  const found = catalogue?.services.find((each) => each.name.toLowerCase() === wanted);
  const rows = await Promise.all((found?.offers ?? []).map(offerRow));
  if (wanted === service.value.trim().toLowerCase()) reconcile(offers, rows);
}

async function offerRow({ pid, price }) {
  const { stock } = await spotsms.catalogue(pid);
  return h("div", { class: "offer" }, priceForm(pid, price), stockForm(pid, stock));
}

function priceForm(pid, price) {
  const field = h("input", { value: price, inputmode: "decimal", "aria-label": `Price of ${pid}` });
  return form([h("span", { class: "pid" }, `pid ${pid}`), field], "Set price", async () => {
    await spotsms.price({ pid, price: field.value });
    return `${pid} now costs $${field.value}`;
  });
}

function stockForm(pid, stock) {
  const named = catalogue.countries.filter(({ code }) => code in stock);
  named.sort((a, b) => a.name.localeCompare(b.name));
  const options = named.map(({ code, name }) => h("option", { value: code }, name));
  const country = h("select", { "aria-label": "Country" }, options);
  const count = h("input", { inputmode: "numeric", "aria-label": "Numbers in stock" });
  const show = () => {
    count.value = stock[country.value];
  };
  country.addEventListener("change", show);
  country.value = "tr" in stock ? "tr" : named[0]?.code;
  show();
  return form([country, count], "Set stock", async () => {
    stock[country.value] = Number(count.value);
    await spotsms.stock({ pid, country: country.value, count: Number(count.value) });
    return `${pid}: ${count.value} numbers in ${country.selectedOptions[0].text}`;
  });
}

function form(fields, words, act) {
  const submit = async (event) => {
    event.preventDefault();
    const said = await attempt(act);
    if (said) toast(said);
  };
  return h("form", { onsubmit: submit }, fields, h("button", { class: "quiet" }, words));
}
