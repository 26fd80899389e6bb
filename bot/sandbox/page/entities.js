import { h } from "./dom.js";
import { textNodes } from "./emoji.js";
import { icon } from "./icons.js";
import { timeElement } from "./time.js";
import { copy } from "./toast.js";

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

/**
 * The nodes of a message's text. Offsets are UTF-16 code units, as JavaScript counts;
 * `act.command(words)`, `act.follow(url)`, `act.copy(words)` say what a tap does.
 */
export function formatted(text, entities, act) {
  const ordered = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return span(text, 0, text.length, ordered, act);
}

function span(text, from, to, entities, act) {
  const nodes = [];
  let at = from;
  for (const [index, entity] of entities.entries()) {
    const end = entity.offset + entity.length;
    if (entity.offset < at || end > to) continue;
    const inner = entities.slice(index + 1).filter((each) => each.offset < end);
    nodes.push(...between(text.slice(at, entity.offset), nodes.at(-1), entity));
    nodes.push(element(entity, text, span(text, entity.offset, end, inner, act), act));
    at = end;
  }
  return [...nodes, ...between(text.slice(at, to), nodes.at(-1))];
}

/** Plain text; a block starts and ends its own line, so the newline beside it is no second one. */
function between(text, before, next) {
  const afterBlock = before instanceof Element && before.matches("blockquote, pre");
  const rest = afterBlock ? text.replace(/^\n/, "") : text;
  return textNodes(BLOCKS.has(next?.type) ? rest.replace(/\n$/, "") : rest);
}

function element(entity, text, content, act) {
  const words = text.slice(entity.offset, entity.offset + entity.length);
  const make = MAKERS[entity.type] ?? ((_, nodes) => h("span", {}, nodes));
  return make(entity, content, words, act);
}

const plain = (tag) => (_, content) => h(tag, {}, content);

const MAKERS = {
  bold: plain("b"),
  italic: plain("i"),
  underline: plain("u"),
  strikethrough: plain("s"),
  code: (_, content, words, act) =>
    h("code", { title: "Copy", tabindex: 0, role: "button", onclick: () => act.copy(words) }, content),
  pre: (entity, content, words) => codeBlock(entity.language, content, words),
  spoiler: (_, content) => spoiler(content),
  blockquote: plain("blockquote"),
  expandable_blockquote: (_, content) => expandable(content),
  date_time: (entity, _, words) => timeElement(entity.unix_time, entity.date_time_format, words),
  text_link: ({ url }, content, _, act) => link(url, content, act),
  url: (_, content, words, act) => link(/^\w+:/.test(words) ? words : `http://${words}`, content, act),
  email: (_, content, words, act) => link(`mailto:${words}`, content, act),
  bot_command: (_, content, words, act) =>
    h("a", { href: "#", role: "button", onclick: tap(() => act.command(words)) }, content),
  phone_number: (_, content, words) =>
    h("a", { href: "#", role: "button", onclick: tap(() => copy(words)) }, content),
  mention: (_, content) => h("span", { class: "mention" }, content),
  text_mention: (_, content) => h("span", { class: "mention" }, content),
  hashtag: (_, content) => h("span", { class: "mention" }, content),
  cashtag: (_, content) => h("span", { class: "mention" }, content),
};

const tap = (act) => (event) => {
  event.preventDefault();
  act();
};

function link(url, content, act) {
  return h("a", { href: url, rel: "noopener", onclick: tap(() => act.follow(url)) }, content);
}

function codeBlock(language, content, words) {
  const head = language ? h("span", { class: "language" }, language) : null;
  return h("pre", { title: "Copy", onclick: () => copy(words) }, head, content);
}

function spoiler(content) {
  const reveal = (event) => event.currentTarget.classList.add("open");
  const hidden = h("span", {}, content);
  return h("span", { class: "spoiler", role: "button", tabindex: 0, onclick: reveal }, hidden);
}

function expandable(content) {
  const quoted = h("div", { class: "quoted" }, content);
  const quote = h("blockquote", { class: "expandable" }, quoted);
  new ResizeObserver(() => {
    const whole = quoted.scrollHeight <= quoted.clientHeight && !quote.classList.contains("open");
    quote.classList.toggle("whole", whole);
  }).observe(quoted);
  quote.append(h("span", { class: "unfold" }, icon("chevron")));
  quote.addEventListener("click", () => quote.classList.toggle("open"));
  return quote;
}
