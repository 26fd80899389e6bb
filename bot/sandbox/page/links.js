// Links: those to the bot start it, in private or in a group; others open beside the page.
import { telegram } from "./api.js";
import { avatar } from "./avatar.js";
import { ask, sheet } from "./dialogs.js";
import { h, reconcile } from "./dom.js";
import { chatsOf, isPrivate, openChat, state } from "./store.js";
import { attempt, copy } from "./toast.js";

/** Follows a link as the chosen persona, who picks a group if the link wants one. */
export function follow(url) {
  const link = new URL(url, location.href);
  const query = link.searchParams;
  if (!isToBot(link)) elsewhere(link);
  else if (query.has("startgroup")) openLinkSheet(url);
  else if (query.get("start")) start(state.personaId, url);
  else openChat(state.personaId, state.personaId);
}

/** Follows a link in a text: one that carries something to the bot may be meant for somebody else. */
export function followAsAnybody(url) {
  const link = new URL(url, location.href);
  if (isToBot(link) && link.search) openLinkSheet(url);
  else follow(url);
}

/** Copies words; a link to the bot is meant for somebody, so it can be opened as that person. */
export async function handOver(words) {
  await copy(words);
  if (/^https:\/\/\S+$/.test(words) && isToBot(new URL(words))) openLinkSheet(words);
}

const isToBot = (link) =>
  link.hostname === "t.me" && link.pathname.toLowerCase() === `/${state.bot.username}`.toLowerCase();

function elsewhere(link) {
  const shared = link.hostname === "t.me" && link.pathname === "/share/url" && link.searchParams.get("url");
  if (shared) copy(shared);
  else window.open(link, "_blank", "noopener");
}

async function start(userId, url) {
  openChat(userId, userId);
  await attempt(() => telegram.follow({ user_id: userId, url }));
}

function openLinkSheet(url) {
  const forGroup = new URL(url).searchParams.has("startgroup");
  const body = h("div", { class: "link-body" });
  const dialog = sheet("Open this link as", "link", h("code", { class: "address" }, url), body);
  const choose = (userId) => {
    if (forGroup) reconcile(body, [people(userId), groups(userId)]);
    else finish(() => start(userId, url));
  };
  const finish = (act) => {
    dialog.close();
    act();
  };
  const people = (chosen) =>
    h(
      "div",
      { class: "people" },
      state.personas.map(({ user_id: id }) => personButton(id, id === chosen, () => choose(id))),
    );
  const groups = (userId) =>
    h(
      "div",
      { class: "picks" },
      h("h3", {}, "and add the bot to"),
      chatsOf(userId)
        .filter(({ id }) => !isPrivate(id))
        .map((each) => pick(each, () => finish(() => startGroup(userId, each.id, url)))),
      h("button", { class: "chip", onclick: () => finish(() => createAndStart(userId, url)) }, "A new group…"),
    );
  reconcile(body, forGroup ? [people(state.personaId), groups(state.personaId)] : [people(state.personaId)]);
}

function personButton(id, isChosen, onclick) {
  const name = state.users.get(id)?.first_name ?? String(id);
  return h(
    "button",
    { class: "persona", "aria-pressed": String(isChosen), onclick },
    avatar({ id, name }, 44),
    h("span", { class: "name" }, name),
  );
}

function pick({ id, title }, onclick) {
  return h("button", { class: "pick", onclick }, avatar({ id, name: title }, 34), h("b", {}, title));
}

async function startGroup(userId, chatId, url) {
  openChat(userId, chatId);
  await attempt(() => telegram.follow({ user_id: userId, url, chat_id: chatId }));
}

function createAndStart(userId, url) {
  ask("New group", "Name of the group", async (title) => {
    const created = await attempt(() => telegram.group({ user_id: userId, title }));
    if (created) await startGroup(userId, created.chat_id, url);
  });
}
