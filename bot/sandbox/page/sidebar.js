import { avatar } from "./avatar.js";
import { h, reconcile } from "./dom.js";
import { textNodes } from "./emoji.js";
import { sender, serviceWords, summary } from "./message.js";
import { chat, chatsOf, isMine, isTyping, lastMessage, me, openChat, state, unread } from "./store.js";
import { clock } from "./time.js";

/** Draws who you are, and your chats. */
export function drawSidebar(showChat) {
  const persona = state.personas.find((each) => each.user_id === state.personaId);
  reconcile(document.getElementById("sidebar"), [
    h(
      "section",
      { class: "personas" },
      h("h1", {}, "You are: ", h("b", {}, `${me()?.first_name ?? ""}, ${persona?.role ?? ""}`)),
      h("div", { class: "persona-row" }, state.personas.map(personaButton)),
      h("p", { class: "persona-hint" }, persona?.hint ?? ""),
    ),
    h("nav", { class: "chat-list scroll", "aria-label": "Chats" }, chatsOf(state.personaId).map((each) => chatRow(each, showChat))),
  ]);
}

function personaButton({ user_id: id, role }) {
  const user = state.users.get(id);
  const name = user?.first_name ?? String(id);
  const waiting = chatsOf(id).reduce((sum, each) => sum + unread(id, each.id), 0);
  const open = () => openChat(id, chatsOf(id).some((each) => each.id === state.chatId) ? state.chatId : id);
  return h(
    "button",
    { class: "persona", "aria-pressed": String(id === state.personaId), onclick: open, title: `Be ${name}, ${role}` },
    avatar({ id, name }, 44),
    h("span", { class: "name" }, name),
    h("span", { class: "role" }, role),
    waiting && id !== state.personaId ? h("span", { class: "badge" }, waiting) : null,
  );
}

function chatRow(each, showChat) {
  const last = lastMessage(each.id);
  const waiting = unread(state.personaId, each.id);
  const own = each.type === "private";
  const open = () => {
    openChat(state.personaId, each.id);
    showChat();
  };
  return h(
    "button",
    { class: "chat-row", "aria-current": String(each.id === state.chatId), onclick: open },
    avatar({ id: each.id, name: each.title, isBot: own }, 50),
    h(
      "div",
      {},
      h("div", { class: "line" }, h("span", { class: "title" }, each.title), last ? h("time", {}, clock(last.date)) : null),
      h("div", { class: "line" }, h("span", { class: "preview" }, preview(each, last)), waiting ? h("span", { class: "badge" }, waiting) : null),
    ),
  );
}

function preview(each, last) {
  if (isTyping(each.id)) return "typing…";
  if (!last) return each.type === "private" ? "Press Start to begin" : `${chat(each.id).members.length} members`;
  const by = serviceWords(last) ? "" : isMine(last) ? "You: " : each.type === "private" ? "" : `${sender(last).name}: `;
  return textNodes(by + summary(last));
}
