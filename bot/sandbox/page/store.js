/** What the page knows. Only the functions below change it; views listen and draw. */
export const state = {
  online: true,
  bot: { id: 0, first_name: "Bot", username: "", commands: [] },
  personas: [],
  users: new Map(),
  chats: new Map(),
  personaId: null,
  chatId: null,
  topicId: null,
  replyTo: null,
  messages: new Map(),
  read: new Map(),
  typing: new Map(),
  pressed: new Map(),
  blocked: new Set(),
  faults: [],
};

const TYPING_MS = 5000;
const GENERAL_TOPIC = 1;
const listeners = new Set();

/** Calls `listener(kind)` after every change; kinds: world, chat, messages, typing, pressed, reply. */
export function subscribe(listener) {
  listeners.add(listener);
}

export function changed(kind) {
  for (const listener of listeners) listener(kind);
}

export const me = () => state.users.get(state.personaId);
export const chat = (id = state.chatId) =>
  state.chats.get(id) ?? { id, type: "private", title: state.bot.first_name, members: [] };
export const isPrivate = (id = state.chatId) => id > 0;
export const topicOf = (message) => message.message_thread_id ?? GENERAL_TOPIC;

/** The persona's chats: the private one with the bot, then groups. */
export function chatsOf(personaId) {
  const groups = [...state.chats.values()].filter((each) => !each.migrated_to && membership(each, personaId));
  return [chat(personaId), ...groups];
}

export function membership(group, userId) {
  const member = (group.members ?? []).find((each) => each.user_id === userId);
  return member && !["left", "kicked"].includes(member.status) ? member : null;
}

export const present = (group) => group.members.filter((each) => membership(group, each.user_id));

export function isAdmin(group, userId) {
  return ["administrator", "creator"].includes(membership(group, userId)?.status);
}

export function messagesOf(chatId) {
  if (!state.messages.has(chatId)) state.messages.set(chatId, new Map());
  return state.messages.get(chatId);
}

export function visibleMessages() {
  const all = [...messagesOf(state.chatId).values()].sort((a, b) => a.message_id - b.message_id);
  return state.topicId ? all.filter((message) => topicOf(message) === state.topicId) : all;
}

export function lastMessage(chatId) {
  return [...messagesOf(chatId).values()].reduce(
    (last, each) => (last && last.message_id > each.message_id ? last : each),
    null,
  );
}

/** Whether `personaId` wrote it, also behind the group's name (`sandbox_user_id`). */
export function isMine(message, personaId = state.personaId) {
  return (message.sandbox_user_id ?? message.from?.id) === personaId;
}

export function unread(personaId, chatId) {
  const read = state.read.get(`${personaId} ${chatId}`) ?? 0;
  return [...messagesOf(chatId).values()].filter(
    (message) => message.message_id > read && isContent(message) && !isMine(message, personaId),
  ).length;
}

const isContent = ({ text, photo, document }) => Boolean(text || photo || document);

/** Counts what is there now as read, by everybody. */
export function markAllRead() {
  for (const { user_id: personaId } of state.personas) {
    for (const { id } of chatsOf(personaId)) {
      state.read.set(`${personaId} ${id}`, lastMessage(id)?.message_id ?? 0);
    }
  }
}

export function markRead() {
  const last = lastMessage(state.chatId);
  if (last) state.read.set(`${state.personaId} ${state.chatId}`, last.message_id);
}

export function setWorld(world) {
  state.bot = world.bot;
  state.users = new Map(world.users.map((user) => [user.id, user]));
  state.chats = new Map(
    world.chats.filter((each) => each.type !== "private").map((each) => [each.id, each]),
  );
  state.blocked = new Set(world.chats.filter((each) => isBlocked(each)).map((each) => each.id));
  state.faults = world.faults;
  changed("world");
  leaveLostChat();
}

/** A group that became a supergroup is followed; one that the persona is no longer in is closed. */
function leaveLostChat() {
  const { personaId, chatId } = state;
  if (!personaId || isPrivate(chatId)) return;
  const { migrated_to: successor } = chat();
  if (successor) openChat(personaId, successor);
  else if (!membership(chat(), personaId)) openChat(personaId, personaId);
}

function isBlocked({ type, members }) {
  const bot = members.find((member) => member.user_id === state.bot.id);
  return type === "private" && bot?.status === "kicked";
}

export function openChat(personaId, chatId) {
  if (chatId !== state.chatId) state.topicId = chat(chatId).is_forum ? GENERAL_TOPIC : null;
  Object.assign(state, { personaId, chatId, replyTo: null });
  markRead();
  changed("chat");
}

export function openTopic(topicId) {
  Object.assign(state, { topicId, replyTo: null });
  changed("chat");
}

export function putMessage(chatId, message) {
  messagesOf(chatId).set(message.message_id, message);
  state.typing.delete(chatId);
  if (chatId === state.chatId && !document.hidden) markRead();
  changed("messages");
}

export function dropMessage(chatId, messageId) {
  messagesOf(chatId).delete(messageId);
  changed("messages");
}

export function setTyping(chatId) {
  const until = Date.now() + TYPING_MS;
  state.typing.set(chatId, until);
  changed("typing");
  setTimeout(() => changed("typing"), TYPING_MS + 50);
}

export const isTyping = (chatId) => (state.typing.get(chatId) ?? 0) > Date.now();

export function replyTo(message) {
  state.replyTo = message;
  changed("reply");
}
