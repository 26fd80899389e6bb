"""People who talk to the bot, and the provider behind it, as the tests of the chat need them."""

from dataclasses import dataclass

from bot.sandbox.spotsms import SpotSmsSandbox
from bot.sandbox.telegram import Answer, JsonObject, TelegramSandbox

OWNER, ANN, BOB, EVE = 1, 502, 503, 504
GROUP, FORUM = -4001, -1_000_000_004_002
TOPIC = 77


@dataclass(frozen=True, slots=True)
class Stage:
    """Telegram and SpotSMS on loopback, and the real bot between them."""

    telegram: TelegramSandbox
    spotsms: SpotSmsSandbox

    async def say(self, user_id: int, text: str, chat_id: int | None = None) -> JsonObject:
        """Write, and give the bot's first answer."""
        where = chat_id or user_id
        said = self.telegram.say(user_id, where, text)
        return await self.telegram.wait_message(where, after=said["message_id"])

    async def press(self, user_id: int, words: str, chat_id: int | None = None) -> Answer:
        """Press the newest button with these words, and give the answer to the press."""
        press = self.telegram.press_button(user_id, chat_id or user_id, words)
        return await press.answered()

    async def see(self, chat_id: int, words: str, after: int = 0) -> JsonObject:
        """Wait for a message of the bot with these words."""
        return await self.telegram.wait_message(chat_id, words, after=after)

    async def quote(self, user_id: int = ANN, chat_id: int | None = None) -> JsonObject:
        """Ask for Microsoft in Iceland, and give the message with the quote."""
        await self.say(user_id, "/buy microsoft iceland", chat_id)
        return await self.see(chat_id or user_id, "Price: $0.0882")

    async def buy(self, user_id: int = ANN, chat_id: int | None = None) -> JsonObject:
        """Buy, and give the card once the number is there."""
        quote = await self.quote(user_id, chat_id)
        await self.press(user_id, "Confirm", chat_id)
        await self.spotsms.wait_for(lambda: self.spotsms.calls_of("getNumber"))
        return await self.telegram.wait_message(
            chat_id or user_id,
            lambda message: (
                message["message_id"] == quote["message_id"]
                and "Confirm" not in words_on(message)
                and "Buying" not in message["text"]
            ),
        )


def words_on(message: JsonObject) -> str:
    """What the buttons under a message say."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return " | ".join(button["text"] for row in rows for button in row)
