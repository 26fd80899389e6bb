// A bot may ask for a reply: the input then answers its message, as if one had chosen "Reply".
import { isPrivate, lastMessage, replyTo, state } from "./store.js";

/** Answers the bot's question, if the open chat's last message is one for this person. */
export function offerForceReply() {
  const last = lastMessage(state.chatId);
  if (last?.force_reply && isForMe(last) && state.replyTo !== last) replyTo(last);
}

const mentionsMe = ({ user }) => user?.id === state.personaId;

/** A selective one is for those whom the message mentions or answers. */
function isForMe(message) {
  if (isPrivate() || !message.force_reply.selective) return true;
  return (message.entities ?? []).some(mentionsMe) || message.reply_to_message?.from?.id === state.personaId;
}
