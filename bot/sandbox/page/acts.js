// What a person does in the chat; each act goes to the sandbox, whose events then change the page.
import { telegram } from "./api.js";
import { changed, openChat, replyTo, state } from "./store.js";
import { alertBox, attempt, copy, toast } from "./toast.js";

const ANSWER_PATIENCE_MS = 15000;
const answers = new Map();

/** Says `text` in the open chat as the chosen persona. */
export async function say(text, mentionUserId = null) {
  const { personaId, chatId, topicId, anonymous, replyTo: quoted } = state;
  replyTo(null);
  await attempt(() =>
    telegram.say({
      user_id: personaId,
      chat_id: chatId,
      text,
      reply_to_message_id: quoted?.message_id,
      message_thread_id: topicId > 1 ? topicId : undefined,
      anonymous: anonymous || undefined,
      mention_user_id: mentionUserId ?? undefined,
    }),
  );
}

/** Presses an inline button; it spins until the bot answers. */
export async function press(message, button, place) {
  if (button.copy_text) return copy(button.copy_text.text);
  if (button.url) return follow(button.url);
  const query = button.switch_inline_query_current_chat ?? button.switch_inline_query;
  if (query !== undefined) return insertInline(query);
  if (!button.callback_data) return toast("The sandbox has no such button");
  const { personaId, chatId, anonymous } = state;
  const pressed = await attempt(() =>
    telegram.press({
      user_id: personaId,
      chat_id: chatId,
      message_id: message.message_id,
      data: button.callback_data,
      anonymous: anonymous || undefined,
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

/** Opens a link; one to the bot itself opens the private chat and starts it. */
export function follow(url) {
  const link = new URL(url, location.href);
  const toBot = `/${state.bot.username}`.toLowerCase();
  if (link.hostname === "t.me" && link.pathname.toLowerCase() === toBot) {
    openChat(state.personaId, state.personaId);
    const payload = link.searchParams.get("start");
    if (payload) say(`/start ${payload}`);
  } else window.open(link, "_blank", "noopener");
}

function insertInline(query) {
  const input = document.querySelector("#composer textarea");
  input.value = `@${state.bot.username} ${query}`;
  input.dispatchEvent(new Event("input"));
  input.focus();
}
