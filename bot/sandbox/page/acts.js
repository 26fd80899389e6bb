// What a person does in the chat; each act goes to the sandbox, whose events then change the page.
import { telegram } from "./api.js";
import { ask } from "./dialogs.js";
import { follow, handOver } from "./links.js";
import { changed, openChat, openTopic, replyTo, state } from "./store.js";
import { alertBox, attempt, toast } from "./toast.js";

const ANSWER_PATIENCE_MS = 15000;
const answers = new Map();

/** Says `text` in the open chat as the chosen persona; gives nothing where it was not taken. */
export async function say(text, mentionUserId = null) {
  const { personaId, chatId, topicId, replyTo: quoted } = state;
  replyTo(null);
  return attempt(() =>
    telegram.say({
      user_id: personaId,
      chat_id: chatId,
      text,
      reply_to_message_id: quoted?.message_id,
      message_thread_id: topicId > 1 ? topicId : undefined,
      mention_user_id: mentionUserId ?? undefined,
    }),
  );
}

/** Presses an inline button; it spins until the bot answers. */
export async function press(message, button, place) {
  if (button.copy_text) return handOver(button.copy_text.text);
  if (button.url) return follow(button.url);
  const query = button.switch_inline_query_current_chat ?? button.switch_inline_query;
  if (query !== undefined) return insertInline(query);
  if (!button.callback_data) return toast("The sandbox has no such button");
  const { personaId, chatId } = state;
  const pressed = await attempt(() =>
    telegram.press({
      user_id: personaId,
      chat_id: chatId,
      message_id: message.message_id,
      data: button.callback_data,
    }),
  );
  if (pressed) spin(String(pressed.id), place);
}

function spin(id, place) {
  if (answers.has(id)) return answers.delete(id);
  state.pressed.set(id, place);
  changed("pressed");
  setTimeout(() => release(id), ANSWER_PATIENCE_MS);
}

function release(id) {
  if (state.pressed.delete(id)) changed("pressed");
}

/** Shows the bot's answer to a press, to the one who pressed. */
export function hearAnswer({ id, user_id: userId, text, show_alert: modal, url }) {
  if (state.pressed.has(String(id))) release(String(id));
  else answers.set(String(id), true);
  if (userId !== state.personaId) return;
  if (url) follow(url);
  else if (text && modal) alertBox(state.bot.first_name, text);
  else if (text) toast(text);
}

/** Does something to a member of the open group: see the sandbox's control API, "member". */
export async function manage(act, userId) {
  const { personaId, chatId } = state;
  await attempt(() => telegram.member({ chat_id: chatId, user_id: userId, by: personaId, act }));
}

/** Makes the open group a supergroup; the page follows it there. */
export const upgrade = () => attempt(() => telegram.migrate({ chat_id: state.chatId }));

/** Asks for a name and opens a topic of the open forum. */
export function newTopic() {
  const { personaId, chatId } = state;
  ask("New topic", "Name of the topic", async (name) => {
    const opened = await attempt(() => telegram.topic({ user_id: personaId, chat_id: chatId, name }));
    if (opened) openTopic(opened.message_thread_id);
  });
}

/** Asks for a name, creates a group with the chosen persona alone, and shows it. */
export function newGroup(showChat) {
  const { personaId } = state;
  ask("New group", "Name of the group", async (title) => {
    const created = await attempt(() => telegram.group({ user_id: personaId, title }));
    if (!created) return;
    openChat(personaId, created.chat_id);
    showChat();
  });
}

function insertInline(query) {
  const input = document.querySelector("#composer textarea");
  input.value = `@${state.bot.username} ${query}`;
  input.dispatchEvent(new Event("input"));
  input.focus();
}
