import { hearAnswer } from "./acts.js";
import { personas, telegram } from "./api.js";
import { drawCalmly } from "./calm.js";
import { drawHeader, drawMessages, mountChat } from "./chatview.js";
import { clearInput, composer, drawComposer, drawReply, focusInput, loadCommands } from "./composer.js";
import { mountConsole } from "./console.js";
import { showFaults } from "./faults.js";
import { offerForceReply } from "./forcereply.js";
import { markPressed } from "./keyboard.js";
import { addCall } from "./log.js";
import { drawMembers } from "./members.js";
import { drawSidebar } from "./sidebar.js";
import {
  changed,
  chatsOf,
  dropMessage,
  markAllRead,
  openChat,
  putMessage,
  setTyping,
  setWorld,
  state,
  subscribe,
} from "./store.js";
import { drawWallpaper } from "./wallpaper.js";

const app = document.getElementById("app");
const show = (pane) => {
  app.dataset.pane = pane;
};
const showChat = () => show("chat");

function drawAround() {
  drawSidebar(showChat);
  drawHeader(show);
  drawComposer();
  drawMembers();
}

const draw = {
  world: () => {
    drawAround();
    if (state.chatId) drawMessages();
    showFaults(telegram, state.faults);
  },
  chat: () => {
    drawAround();
    drawMessages(true);
    clearInput();
    loadCommands();
    offerForceReply();
    focusInput();
  },
  messages: () => {
    drawSidebar(showChat);
    drawHeader(show);
    drawMessages();
    drawComposer();
  },
  typing: () => {
    drawSidebar(showChat);
    drawHeader(show);
  },
  pressed: () => markPressed(new Set(state.pressed.values())),
  reply: () => {
    drawReply();
    focusInput();
  },
};

const hear = {
  message: ({ chat_id: chatId, message }) => {
    putMessage(chatId, message);
    if (chatId === state.chatId) offerForceReply();
  },
  edit: ({ chat_id: chatId, message }) => putMessage(chatId, message),
  delete: ({ chat_id: chatId, message_id: messageId }) => dropMessage(chatId, messageId),
  answer: hearAnswer,
  typing: ({ chat_id: chatId }) => setTyping(chatId),
  world: loadWorld,
  call: ({ call }) => addCall("Telegram", call),
};

async function loadWorld() {
  setWorld(await telegram.world());
  if (state.chatId) loadCommands();
}

async function loadMessages() {
  for (const { user_id: userId } of state.personas) {
    for (const { id } of chatsOf(userId)) {
      const found = await telegram.messages({ chat_id: id, user_id: userId });
      state.messages.set(id, new Map(found.map((message) => [message.message_id, message])));
    }
  }
}

let loaded = null;

function connected(online) {
  document.body.classList.toggle("offline", !online);
  if (online) loaded = loadAll();
}

/** News waits for what is being loaded: that is older, and would put it away. */
async function heard(event) {
  await loaded;
  hear[event.type]?.(event);
}

async function loadAll() {
  await loadWorld();
  await loadMessages();
  for (const call of await telegram.calls(0)) addCall("Telegram", call);
  if (state.personaId) return changed("messages"); // what is being typed stays
  markAllRead();
  const first = state.personas[0].user_id;
  openChat(first, first);
}

async function begin() {
  drawWallpaper();
  state.personas = await personas();
  mountChat(show, composer);
  mountConsole(show);
  subscribe((kind) => drawCalmly(kind, draw[kind]));
  telegram.listen(heard, connected);
}

begin();
