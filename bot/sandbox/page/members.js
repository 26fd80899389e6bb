// The sheet about a group: who is in it, what they are there, and what may be done about it.
import { manage, newTopic, upgrade } from "./acts.js";
import { avatar } from "./avatar.js";
import { nameInMessage } from "./composer.js";
import { sheet } from "./dialogs.js";
import { h, reconcile } from "./dom.js";
import { textNodes } from "./emoji.js";
import { iconButton } from "./icons.js";
import { actsOn, roleOf } from "./roles.js";
import { chat, isAdmin, membership, present, state } from "./store.js";
import { copy } from "./toast.js";

const body = h("div", { class: "members scroll" });
const ORDER = ["creator", "administrator", "member"];

let dialog = null;
let unfolded = null;

/** Opens the sheet about the open group. */
export function openMembers() {
  unfolded = null;
  dialog = sheet(chat().title, "group", body);
  drawMembers();
}

/** Draws it anew, if it is open. */
export function drawMembers() {
  if (!dialog?.open) return;
  const group = chat();
  if (!membership(group, state.personaId)) {
    dialog.close();
    return;
  }
  reconcile(body, [h("section", {}, byRank(group).map((each) => memberRow(group, each))), ...more(group)]);
}

const byRank = (group) =>
  present(group).sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));

const person = (userId) => (userId === state.bot.id ? state.bot : state.users.get(userId));

function memberRow(group, member) {
  const user = person(member.user_id);
  const isBot = user.id === state.bot.id;
  const open = unfolded === user.id;
  const fold = () => {
    unfolded = open ? null : user.id;
    drawMembers();
  };
  const role = roleOf(group, user.id) + (member.anonymous ? ", anonymous" : "");
  return h(
    "article",
    { class: `member ${open ? "open" : ""}` },
    h(
      "div",
      { class: "member-line" },
      avatar({ id: user.id, name: user.first_name, isBot }, 42),
      h("div", {}, h("b", {}, textNodes(user.first_name), ownMark(user)), h("small", {}, note(user))),
      h("span", { class: `rank ${member.status}` }, role),
      iconButton("more", `What to do about ${user.first_name}`, fold),
    ),
    open ? h("div", { class: "member-acts" }, acts(group, member, user)) : null,
  );
}

const ownMark = (user) => (user.id === state.personaId ? h("i", {}, "you") : null);
const note = (user) => [user.username && `@${user.username}`, `id ${user.id}`].filter(Boolean).join(" · ");

function acts(group, member, user) {
  const own = actsOn(group, member).map(([act, words, isDangerous]) =>
    chip(words, () => manage(act, user.id), isDangerous ? "danger" : ""),
  );
  const mention = chip("Mention", () => {
    dialog.close();
    nameInMessage(user);
  });
  return [user.id === state.bot.id ? null : mention, chip("Copy id", () => copy(String(user.id))), ...own];
}

const chip = (words, onclick, tone = "") => h("button", { class: `chip ${tone}`, onclick }, words);

function more(group) {
  const admin = isAdmin(group, state.personaId);
  const absent = [...state.users.keys(), state.bot.id].filter((id) => !membership(group, id));
  const add = (id) => chip(`Add ${person(id).first_name}`, () => manage("add", id));
  const others = [
    admin && group.is_forum ? chip("New topic", newTopic) : null,
    admin && group.type === "group" ? chip("Make it a supergroup", upgrade) : null,
  ];
  return [h("footer", { class: "member-acts" }, absent.map(add), others)];
}
