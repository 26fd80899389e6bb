import { telegram } from "./api.js";
import { avatar } from "./avatar.js";
import { h, reconcile } from "./dom.js";
import { iconButton } from "./icons.js";
import { newTopic } from "./acts.js";
import { markPressed } from "./keyboard.js";
import { openMembers } from "./members.js";
import { messageRow, sender, serviceWords, titleOf } from "./message.js";
import { memberCount } from "./roles.js";
import { chat, isAdmin, isPrivate, isTyping, membership, openTopic, present, state, visibleMessages } from "./store.js";
import { dayName } from "./time.js";
import { attempt } from "./toast.js";

const NEAR_BOTTOM_PX = 120;
const GROUPING_SECONDS = 600;

const header = h("header", { class: "chat-header" });
const topics = h("nav", { class: "topics", "aria-label": "Topics" });
const list = h("div", { class: "messages", role: "log", "aria-label": "Messages" });
const scroller = h("div", { class: "scroller scroll" }, list);
const down = iconButton("chevron", "Scroll to the end", () => toBottom("smooth"), "down");
const rows = new Map();

/** Puts the chat's frame into the page; `show` switches panes on small screens. */
export function mountChat(show, composer) {
  const wall = h("div", { class: "wall", "aria-hidden": "true" });
  const dock = h("div", { class: "dock" }, down, composer);
  document.getElementById("chat").append(wall, header, topics, scroller, dock);
  scroller.addEventListener("scroll", onScroll);
  const sizes = new ResizeObserver(() => pinned && toBottom());
  sizes.observe(scroller);
  sizes.observe(list);
  drawHeader(show);
}

let pinned = true;
let scrolledTo = 0;

/** The end of the chat stays in view until somebody scrolls up. */
function onScroll() {
  if (atBottom()) pinned = true;
  else if (scroller.scrollTop < scrolledTo) pinned = false;
  scrolledTo = scroller.scrollTop;
  down.classList.toggle("shown", !pinned);
}

const atBottom = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_BOTTOM_PX;
const toBottom = (behavior = "instant") => scroller.scrollTo({ top: scroller.scrollHeight, behavior });

export function drawHeader(show) {
  const open = chat();
  const own = isPrivate();
  const typing = isTyping(open.id) ? "typing" : "";
  reconcile(header, [
    iconButton("back", "Chats", () => show("list"), "icon-button only-phone"),
    h(
      own ? "div" : "button",
      { class: "about", title: own ? null : "Members", onclick: own ? null : openMembers },
      avatar({ id: open.id ?? 0, name: open.title ?? "", isBot: own }, 42),
      h("span", { class: "who" }, h("h2", {}, open.title), h("p", { class: typing }, status(open, own))),
    ),
    own ? blockButton() : null,
    iconButton("sliders", "Sandbox console", () => show("console"), "icon-button only-narrow"),
  ]);
  reconcile(topics, open.is_forum ? topicTabs(open) : []);
}

function status(open, own) {
  if (isTyping(open.id)) return "typing…";
  if (own) return state.blocked.has(state.personaId) ? "stopped" : "bot";
  const everybody = new Map([...state.users, [state.bot.id, state.bot]]);
  const names = present(open).map((member) => everybody.get(member.user_id)?.first_name);
  return `${memberCount(open)}: ${names.filter(Boolean).join(", ")}`;
}

function blockButton() {
  const blocked = state.blocked.has(state.personaId);
  const toggle = () => attempt(() => telegram.block({ user_id: state.personaId, blocked: !blocked }));
  return h("button", { class: "text-button", onclick: toggle }, blocked ? "Unblock bot" : "Block bot");
}

function topicTabs(open) {
  const general = { id: 1, name: "General" };
  const all = open.topics.some((topic) => topic.id === 1) ? open.topics : [general, ...open.topics];
  const tabs = all.map(({ id, name }) =>
    h("button", { "aria-pressed": String(id === state.topicId), onclick: () => openTopic(id) }, name),
  );
  const add = h("button", { "aria-label": "New topic", onclick: newTopic }, "+");
  return isAdmin(open, state.personaId) ? [...tabs, add] : tabs;
}

/** Draws the open chat's messages; `afresh` when another chat was opened. */
export function drawMessages(afresh = false) {
  const messages = visibleMessages();
  if (afresh) rows.clear();
  reconcile(list, [...spaced(messages, afresh), advice(messages)]);
  markPressed(new Set(state.pressed.values()));
  pinned ||= afresh;
  if (pinned) toBottom();
}

/** What stands below the messages: what to do about a bot that is not there, or that there are none. */
function advice(messages) {
  if (lacksBot()) return service(`Tap the group’s name above to add ${state.bot.first_name}`);
  if (messages.length) return null;
  return isPrivate() ? greeting() : service("No messages here yet");
}

function greeting() {
  const words = state.bot.description || "Press START, and the bot says what it can do.";
  return h("div", { class: "greeting" }, h("h3", {}, "What can this bot do?"), h("p", {}, words));
}

const service = (words) => h("div", { class: "service" }, h("span", {}, words));
const lacksBot = () => !isPrivate() && !membership(chat(), state.bot.id);

/** The rows with the days between them, grouped by sender. */
function spaced(messages, afresh) {
  const days = new Set();
  return messages.flatMap((message, index) => {
    const row = rowOf(message, afresh);
    row.classList.toggle("first", !follows(messages[index - 1], message));
    row.classList.toggle("last", !follows(message, messages[index + 1]));
    const day = dayName(message.date);
    if (days.has(day)) return [row];
    days.add(day);
    return [dayRow(day), row];
  });
}

function follows(before, after) {
  if (!before || !after || serviceWords(before) || serviceWords(after)) return false;
  return sender(before).id === sender(after).id && after.date - before.date < GROUPING_SECONDS;
}

function rowOf(message, afresh) {
  const version = JSON.stringify([message, state.personaId, titleOf(message)]);
  const known = rows.get(message.message_id);
  if (known?.version === version) return known.row;
  const row = messageRow(message, { scrollTo });
  if (!known && !afresh) row.classList.add("arriving");
  rows.set(message.message_id, { version, row });
  return row;
}

function dayRow(day) {
  const key = `day ${day}`;
  if (!rows.has(key)) rows.set(key, { row: h("div", { class: "service day" }, h("span", {}, day)) });
  return rows.get(key).row;
}

function scrollTo(messageId) {
  const row = list.querySelector(`[data-id="${messageId}"]`);
  if (!row) return;
  row.scrollIntoView({ block: "center", behavior: "smooth" });
  row.classList.remove("flash");
  requestAnimationFrame(() => row.classList.add("flash"));
}
