import { newGroup } from "./acts.js";
import { avatar } from "./avatar.js";
import { h, reconcile } from "./dom.js";
import { textNodes } from "./emoji.js";
import { sender, serviceWords, summary } from "./message.js";
import { memberCount } from "./roles.js";
import { chatsOf, isMine, isPrivate, isTyping, lastMessage, me, openChat, state, unread } from "./store.js";
import { clock } from "./time.js";

/** Draws who you are, and your chats. */
export function drawSidebar(showChat) {
  const persona = state.personas.find((each) => each.user_id === state.personaId);
  const chats = chatsOf(state.personaId).map((each) => chatRow(each, showChat));
  reconcile(document.getElementById("sidebar"), [
    h(
      "section",
      { class: "personas" },
      h("h1", {}, "You are: ", h("b", {}, `${me()?.first_name ?? ""}, ${persona?.role ?? ""}`)),
      h("div", { class: "persona-row" }, state.personas.map(personaButton)),
      h("p", { class: "persona-hint" }, persona?.hint ?? ""),
    ),
    h("nav", { class: "chat-list scroll", "aria-label": "Chats" }, chats),
    h("footer", {}, h("button", { class: "text-button", onclick: () => newGroup(showChat) }, "New group")),
  ]);
}

function personaButton({ user_id: id, role }) {
  const user = state.users.get(id);
  const name = user?.first_name ?? String(id);
  const waiting = chatsOf(id).reduce((sum, each) => sum + unread(id, each.id), 0);
  const open = () => openChat(id, chatsOf(id).some((each) => each.id === state.chatId) ? state.chatId : id);
  return h(
    "button",
    { class: "persona", "aria-pressed": String(id === state.personaId), onclick: open },
    avatar({ id, name }, 44),
    h("span", { class: "name" }, name),
    h("span", { class: "role" }, role),
    id === state.personaId ? null : badge(waiting),
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
      line(h("span", { class: "title" }, each.title), last && h("time", {}, clock(last.date))),
      line(h("span", { class: "preview" }, preview(each, last)), badge(waiting)),
    ),
  );
}

const line = (...parts) => h("div", { class: "line" }, parts);
const badge = (count) => (count ? h("span", { class: "badge" }, count) : null);

function preview(each, last) {
  if (isTyping(each.id)) return "typing…";
  if (!last) return isPrivate(each.id) ? "Press Start to begin" : memberCount(each);
  return textNodes(author(each, last) + summary(last));
}

function author(each, last) {
  if (serviceWords(last)) return "";
  if (isMine(last)) return "You: ";
  return isPrivate(each.id) ? "" : `${sender(last).name}: `;
}
