import { say } from "./acts.js";
import { avatar, nameColour } from "./avatar.js";
import { h } from "./dom.js";
import { textNodes } from "./emoji.js";
import { formatted } from "./entities.js";
import { icon, iconButton } from "./icons.js";
import { keyboard } from "./keyboard.js";
import { followAsAnybody, handOver } from "./links.js";
import { media } from "./media.js";
import { roleOf } from "./roles.js";
import { chat, isMine, isPrivate, replyTo, state } from "./store.js";
import { clock } from "./time.js";

/** Who a message shows as its sender: a person, the bot, or the group itself. */
export function sender(message) {
  const group = message.sender_chat;
  if (group) return { id: group.id, name: group.title, isBot: false };
  const { id, first_name: first, last_name: last, is_bot: isBot } = message.from;
  return { id, name: [first, last].filter(Boolean).join(" "), isBot };
}

/** The words of a message in one line. */
export function summary(message) {
  const words = message.text ?? message.caption;
  if (words) return words.replace(/\s+/g, " ");
  if (message.photo) return "Photo";
  return message.document?.file_name ?? serviceWords(message) ?? "Message";
}

/** What happened, if it is a service message. */
export function serviceWords(message) {
  const who = message.from?.first_name ?? "Somebody";
  if (message.new_chat_members) return joining(message, who);
  if (message.left_chat_member) return leaving(message, who);
  if (message.group_chat_created) return `${who} created the group`;
  if (message.new_chat_title) return `${who} renamed the group to ${message.new_chat_title}`;
  if (message.forum_topic_created) return `Topic “${message.forum_topic_created.name}” was created`;
  if (message.forum_topic_closed) return "The topic was closed";
  if (message.forum_topic_reopened) return "The topic was reopened";
  if (message.migrate_to_chat_id) return "The group became a supergroup";
  if (message.migrate_from_chat_id) return "This supergroup was a group before";
  if (message.pinned_message) return `${who} pinned “${summary(message.pinned_message)}”`;
  return null;
}

function joining({ from, new_chat_members: users }, who) {
  const names = users.map((user) => user.first_name).join(", ");
  return users.some((user) => user.id === from?.id) ? `${names} joined the group` : `${who} added ${names}`;
}

function leaving({ from, left_chat_member: left }, who) {
  return from?.id === left.id ? `${who} left the group` : `${who} removed ${left.first_name}`;
}

/** One message as a row of the chat: bubble, keyboard, and in groups the sender's avatar. */
export function messageRow(message, act) {
  const words = serviceWords(message);
  if (words) return h("div", { class: "service", "data-id": message.message_id }, h("span", {}, words));
  const mine = isMine(message);
  const showsSender = !mine && !isPrivate();
  return h(
    "article",
    {
      class: `message ${mine ? "out" : "in"}`,
      "data-id": message.message_id,
      ondblclick: () => replyTo(message),
    },
    showsSender ? avatar(sender(message), 34) : null,
    h("div", { class: "stack" }, bubble(message, showsSender, act), keyboard(message)),
    iconButton("reply", "Reply", () => replyTo(message), "reply-hint"),
  );
}

function bubble(message, showsSender, act) {
  const text = message.text ?? message.caption ?? "";
  const entities = message.entities ?? message.caption_entities;
  const acts = { command: (words) => say(words), follow: followAsAnybody, copy: handOver };
  const words = h("div", { class: "text", dir: "auto" }, formatted(text, entities, acts), meta(message));
  return h(
    "div",
    { class: `bubble ${message.photo ? "with-photo" : ""} ${text ? "" : "wordless"}` },
    showsSender ? senderLine(message) : null,
    quote(message, act),
    message.show_caption_above_media ? [words, media(message)] : [media(message), words],
    tailShape(),
  );
}

function senderLine(message) {
  const { id, name } = sender(message);
  const title = titleOf(message);
  return h(
    "div",
    { class: "sender", style: `--name:${nameColour(id)}` },
    h("span", {}, textNodes(name)),
    title ? h("small", {}, title) : null,
  );
}

/** What stands beside the sender's name; the group itself is an admin without a name. */
export function titleOf(message) {
  if (message.sender_chat) return "anonymous admin";
  const role = roleOf(chat(), message.from?.id);
  return role === "member" ? "" : role;
}

function quote(message, act) {
  const quoted = message.reply_to_message;
  if (!quoted || quoted.forum_topic_created) return null;
  const { id, name } = sender(quoted);
  return h(
    "button",
    { class: "quote", style: `--name:${nameColour(id)}`, onclick: () => act.scrollTo(quoted.message_id) },
    h("b", {}, isMine(quoted) ? state.users.get(state.personaId)?.first_name : name),
    h("span", {}, textNodes(summary(quoted))),
  );
}

function meta(message) {
  return h(
    "span",
    { class: "meta" },
    message.edit_date ? "edited " : "",
    h("time", {}, clock(message.date)),
    isMine(message) ? icon("checks") : null,
  );
}

function tailShape() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "tail");
  svg.setAttribute("viewBox", "0 0 11 20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", "M11 0c0 8-4 14.8-10.4 18.2-1 .5-.6 1.8.4 1.8h10z");
  svg.append(path);
  return svg;
}
