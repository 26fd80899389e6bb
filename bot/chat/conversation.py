"""The dialogue of `/buy`: service, country, offer, quote, in one message that is edited in place.

Every button carries all that its press needs and begins or continues the dialogue, also after a
restart; the state only tells what a typed text in a private chat is searched in. In groups a typed
text counts as a reply to a question of the bot, which is known by its link.
"""

import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Message as Posted
from telegram.ext import ConversationHandler, filters
from telegram.warnings import PTBUserWarning

from bot.chat import keyboards, listings, texts, toasts
from bot.chat.buttons import (
    BuyAgain,
    Confirm,
    Dismiss,
    PickCountry,
    PickOffer,
    SearchCountries,
    SearchServices,
    ShowCountries,
    ShowServices,
)
from bot.chat.desk import Context, desk_of
from bot.chat.entrance import refusal_to_buy
from bot.chat.handlers import on_command, on_message, on_press, pressed_by_its_owner
from bot.chat.message import Message
from bot.chat.owner import find
from bot.chat.pages import cancellable, own_numbers
from bot.chat.presses import confirm
from bot.chat.questions import question, question_of
from bot.chat.replies import Press, reply_to_of, send
from bot.chat.scene import Scene
from bot.chat.screens import Screen, Screens, Stage

Search = SearchServices | SearchCountries
Picked = Search | ShowServices | ShowCountries | PickCountry | PickOffer

END = ConversationHandler.END
SERVICE_KEY = "service_id"
TYPED = filters.TEXT & ~filters.COMMAND


class _AnswersAQuestion(filters.MessageFilter):
    """A reply to the bot's own question for a service or a country."""

    def filter(self, message: Posted) -> bool:
        return isinstance(question_of(message), Search)


def build_conversation() -> ConversationHandler[Any]:
    """Give the handler of the dialogue."""
    starters = [
        on_command("buy", buy),
        on_press(pick, ShowServices, SearchServices),
        on_press(pick, ShowCountries, SearchCountries, PickCountry, PickOffer),
        on_press(buy_again, BuyAgain),
        on_press(buy_it, Confirm),
        on_press(close, Dismiss),
        on_message(reply, TYPED & _AnswersAQuestion()),
    ]
    to_service = on_message(type_service, TYPED & filters.ChatType.PRIVATE)
    to_country = on_message(type_country, TYPED & filters.ChatType.PRIVATE)
    with warnings.catch_warnings():
        # Presses are told apart by chat and user: each user has one dialogue in each chat.
        warnings.filterwarnings("ignore", message=".*per_message", category=PTBUserWarning)
        return ConversationHandler(
            entry_points=[*starters, to_service],
            states={
                Stage.SERVICE: [*starters, to_service],
                Stage.COUNTRY: [*starters, to_country],
                Stage.QUOTE: [*starters, to_service],
            },
            fallbacks=[on_command("cancel", leave, has_arguments=False)],
        )


async def buy(scene: Scene, context: Context, message: Posted) -> int | None:
    """`/buy`, `/buy whatsap`, `/buy whatsap turky`."""
    words = " ".join(context.args or [])
    start = ShowServices(scene.actor)
    return await _reply(
        scene,
        context,
        message,
        lambda screens: screens.found(words) if words else screens.of(start),
    )


async def type_service(scene: Scene, context: Context, message: Posted) -> int | None:
    """Search for what was typed: a service, or a service and a country."""
    if find.is_asked(context):
        await find.answer(scene, context, message)
        return None
    text = message.text or ""
    return await _reply(scene, context, message, lambda screens: screens.found(text))


async def type_country(scene: Scene, context: Context, message: Posted) -> int | None:
    """Search in the countries of the service that was picked."""
    if find.is_asked(context):
        await find.answer(scene, context, message)
        return None
    service_id = (context.chat_data or {}).get(SERVICE_KEY, "")
    return await _search_country(scene, context, message, service_id)


async def reply(scene: Scene, context: Context, message: Posted) -> int | None:
    """Search for what was typed as a reply, where its question asks for it."""
    asked = question_of(message)
    if isinstance(asked, SearchCountries):
        return await _search_country(scene, context, message, asked.service)
    return await type_service(scene, context, message)


@pressed_by_its_owner
async def pick(press: Press, context: Context, button: Picked) -> int | None:
    """Go where a button leads to. In a group a question is a new message, to be replied to."""
    screens = await _screens_of(press, context, button.owner)
    if screens is None:
        return None
    scene = press.scene
    screen = await press.patiently(screens.of(button))
    await press.answer(screen.toast)
    if screen.question and not scene.is_private:
        asked = question(screen.message.html, scene, context.bot.link, button)
        prompt = keyboards.search_prompt(screen.question)
        await press.send(Message(asked), force_reply=prompt)
    else:
        await press.edit(screen.message)
    return _stage(scene, context, screen)


async def buy_again(press: Press, context: Context, button: BuyAgain) -> int | None:
    """Show a fresh quote for what was bought before, in a new message of whoever pressed."""
    desk, scene = desk_of(context), press.scene
    view = await desk.overview.view(button.activation_id)
    if view is None or scene.chat.id not in {view.activation.chat_id, view.activation.user_id}:
        await press.alert(toasts.button_gone())
        return None
    screens = await _screens_of(press, context, scene.actor)
    if screens is None:
        return None
    past = view.activation
    offer = PickOffer(scene.actor, past.service_id, past.country_code, past.pid)
    screen = await press.patiently(screens.of(offer))
    await press.answer(screen.toast)
    await press.send(screen.message)
    return _stage(scene, context, screen)


async def buy_it(press: Press, context: Context, button: Confirm) -> int | None:
    """Confirm; a dialogue that has bought something is over."""
    return END if await confirm(press, desk_of(context), button) else None


@pressed_by_its_owner
async def close(press: Press, _: Context, __: Dismiss) -> int | None:
    """Close the message."""
    await press.answer()
    if await press.editable() is not None:
        await press.edit(Message(texts.dialogue_closed()))
    return END


async def leave(scene: Scene, context: Context, message: Posted) -> int | None:
    """`/cancel` in the middle of the dialogue ends that, or offers to cancel numbers."""
    answer = Message(texts.dialogue_closed())
    waiting = cancellable(scene, await own_numbers(scene, desk_of(context)))
    if waiting:
        keyboard = keyboards.cancel_choice(waiting, scene.actor)
        answer = Message(listings.which_to_cancel(), keyboard)
    await send(context.bot, scene.place, answer, reply_to=reply_to_of(scene, message))
    return END


async def _search_country(
    scene: Scene, context: Context, message: Posted, service: str
) -> int | None:
    text = message.text or ""
    return await _reply(
        scene, context, message, lambda screens: screens.found_countries(service, text)
    )


async def _reply(
    scene: Scene,
    context: Context,
    message: Posted,
    making: Callable[[Screens], Awaitable[Screen]],
) -> int | None:
    """Answer a typed message with a screen, or tell who may not buy here why."""
    screens = await _open(scene, context, scene.actor)
    screen = Screen(screens, None) if isinstance(screens, Message) else await making(screens)
    reply_to = reply_to_of(scene, message)
    await send(context.bot, scene.place, screen.message, reply_to=reply_to)
    return _stage(scene, context, screen)


async def _screens_of(press: Press, context: Context, owner: int) -> Screens | None:
    """Give the owner's dialogue; None where the owner may buy nothing here, and is told why."""
    screens = await _open(press.scene, context, owner)
    if isinstance(screens, Screens):
        return screens
    await press.answer()
    await press.send(screens)
    return None


async def _open(scene: Scene, context: Context, owner: int) -> Screens | Message:
    """Give the dialogue's screens, or why this person may buy nothing here."""
    desk = desk_of(context)
    rules = await desk.governance.rules_of(scene.chat.id)
    refusal = await refusal_to_buy(desk, scene, rules)
    if refusal or rules is None:
        return refusal or Message(texts.not_approved(in_group=not scene.is_private))
    return Screens(desk, scene.place, owner, rules)


def _stage(scene: Scene, context: Context, screen: Screen) -> int | None:
    """Note what a text that is typed next will be about."""
    find.drop_question(context)
    if scene.is_private and screen.service and context.chat_data is not None:
        context.chat_data[SERVICE_KEY] = screen.service.id
    return screen.stage
