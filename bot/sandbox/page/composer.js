import { manage, say } from "./acts.js";
import { avatar } from "./avatar.js";
import { telegram } from "./api.js";
import { drawCalmly } from "./calm.js";
import { h, reconcile } from "./dom.js";
import { textNodes } from "./emoji.js";
import { icon, iconButton } from "./icons.js";
import { sender, summary } from "./message.js";
import { chat, isAdmin, isPrivate, me, membership, replyTo, state, visibleMessages } from "./store.js";
import { suggestions } from "./suggestions.js";

const MAX_HEIGHT_PX = 200;

const input = h("textarea", {
  rows: 1,
  placeholder: "Message",
  "aria-label": "Message",
  oninput: onInput,
  onkeydown: onKey,
});
const menu = h("button", { class: "menu-button", onclick: toggleMenu });
const sendAs = h("button", { class: "send-as", onclick: toggleAnonymous });
const reply = h("div", { class: "reply-bar" });
const popup = h("div", { class: "suggestions scroll", role: "listbox" });
const send = iconButton("send", "Send", submit, "send");
const start = h("button", { class: "start", onclick: () => say("/start") }, "START");
const line = h("div", { class: "composer-line" }, menu, sendAs, input);
const box = h("div", { class: "composer-box" }, popup, reply, line);

/** The row at the foot of the chat: input, menu, reply. */
export const composer = h("div", { id: "composer" }, box, send, start);

let commands = [];
let mention = null;
let menuOpen = false;
let chosen = 0;

/** Draws it for the open chat. */
export function drawComposer() {
  const blocked = isPrivate() && state.blocked.has(state.personaId);
  const fresh = isPrivate() && (blocked || !visibleMessages().length);
  start.textContent = blocked ? "RESTART" : "START";
  composer.classList.toggle("fresh", fresh);
  const own = isPrivate();
  reconcile(menu, own ? [icon("menu"), "Menu"] : [h("b", {}, "/")]);
  menu.classList.toggle("slash", !own);
  menu.setAttribute("aria-label", "Commands");
  const mayHide = chat().type === "supergroup" && isAdmin(chat(), state.personaId);
  sendAs.hidden = !mayHide;
  if (mayHide) drawSendAs();
  drawReply();
  drawPopup();
}

/** Learns which commands the bot offers this person in this chat. */
export async function loadCommands() {
  const viewer = { user_id: state.personaId, chat_id: state.chatId };
  const { bot } = await telegram.world(viewer);
  if (viewer.chat_id !== state.chatId || viewer.user_id !== state.personaId) return;
  commands = bot.commands ?? [];
  menu.hidden = !commands.length;
  drawCalmly("suggestions", drawPopup);
}

function drawSendAs() {
  const { id, title } = chat();
  const face = isAnonymous() ? { id, name: title } : { id: state.personaId, name: me().first_name };
  reconcile(sendAs, [avatar(face, 30)]);
  const words = isAnonymous() ? "Writing as the group: write as yourself" : "Write as the group";
  sendAs.setAttribute("aria-label", words);
  sendAs.title = words;
}

function isAnonymous() {
  return Boolean(membership(chat(), state.personaId)?.anonymous);
}

function toggleAnonymous() {
  manage(isAnonymous() ? "show" : "hide", state.personaId);
}

export function drawReply() {
  const message = state.replyTo;
  reply.classList.toggle("shown", Boolean(message));
  const usual = isAnonymous() ? "Message as the group" : "Message";
  input.placeholder = message?.force_reply?.input_field_placeholder ?? usual;
  if (!message) return reconcile(reply, []);
  const to = h("b", {}, `Reply to ${sender(message).name}`);
  reconcile(reply, [
    icon("reply"),
    h("div", { class: "quote" }, to, h("span", {}, textNodes(summary(message)))),
    iconButton("close", "Do not reply", () => replyTo(null)),
  ]);
}

export function focusInput() {
  if (matchMedia("(hover: hover)").matches) input.focus();
}

export function clearInput() {
  input.value = "";
  menuOpen = false;
  mention = null;
  onInput();
}

/** Names somebody in the message by a mention that carries their id. */
export function nameInMessage(user) {
  const before = input.value && !input.value.endsWith(" ") ? `${input.value} ` : input.value;
  input.value = `${before}${user.first_name} `;
  onInput();
  mention = { userId: user.id, words: user.first_name };
  input.focus();
}

function onInput() {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, MAX_HEIGHT_PX)}px`;
  send.classList.toggle("ready", input.value.trim() !== "");
  menuOpen = false;
  chosen = 0;
  drawPopup();
}

function toggleMenu() {
  menuOpen = !menuOpen;
  chosen = 0;
  drawPopup();
  input.focus();
}

function offered() {
  const known = { commands, people: membersToName(), bot: state.bot, inGroup: !isPrivate() };
  return suggestions(menuOpen ? "/" : input.value, known);
}

function membersToName() {
  if (isPrivate()) return [];
  return [...state.users.values()].filter((user) => membership(chat(), user.id));
}

function drawPopup() {
  const found = offered();
  popup.classList.toggle("shown", found.length > 0);
  reconcile(popup, found.map((each, index) => option(each, index)));
}

function option(each, index) {
  return h(
    "button",
    {
      class: "suggestion",
      role: "option",
      "aria-selected": String(index === chosen),
      onmousedown: (event) => event.preventDefault(), // keeps the input focused
      onclick: () => choose(each),
    },
    avatar(each.face, 32),
    h("b", {}, each.label),
    h("span", {}, textNodes(each.note ?? "")),
  );
}

function choose(each) {
  if (each.sends) {
    clearInput();
    return say(each.sends);
  }
  input.value = each.completes;
  mention = each.mention ?? null;
  onInput();
  return input.focus();
}

function onKey(event) {
  const found = offered();
  if (event.key === "Escape") return escape();
  if (found.length && ["ArrowUp", "ArrowDown"].includes(event.key)) {
    event.preventDefault();
    chosen = (chosen + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
    return drawPopup();
  }
  if (event.key === "Tab" && found.length) {
    event.preventDefault();
    return choose({ ...found[chosen], sends: null, completes: found[chosen].completes });
  }
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return null;
  event.preventDefault();
  const picks = found.length && (menuOpen || found[chosen].mention || input.value.trim() === "/");
  return picks ? choose(found[chosen]) : submit();
}

function escape() {
  menuOpen = false;
  replyTo(null);
  drawPopup();
}

async function submit() {
  const text = input.value.trim();
  if (!text) return;
  const { chatId, personaId } = state;
  const named = mention && text.includes(mention.words) ? mention : null;
  clearInput();
  if (await say(text, named?.userId)) return;
  if (input.value || chatId !== state.chatId || personaId !== state.personaId) return;
  input.value = text; // it was not taken: nobody should have to type it again
  mention = named;
  onInput();
}
