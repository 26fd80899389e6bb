"""`/history`: what one bought, by outcome, time and service, in pages; each with its proof."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from telegram import InlineKeyboardMarkup
from telegram import Message as Posted

from bot.chat import keyboards, keys, listings, toasts
from bot.chat.buttons import FilterHistory, ShowMenu, ShowNumber
from bot.chat.codec import matches
from bot.chat.desk import Context, Desk, desk_of
from bot.chat.handlers import pressed_by_its_owner
from bot.chat.insight.buttons import ChooseService
from bot.chat.insight.proof import proof_of
from bot.chat.insight.words import WINDOW_KEYS
from bot.chat.message import Message
from bot.chat.pages import unseen
from bot.chat.replies import Press, reply_to_of, send
from bot.chat.scene import Scene
from bot.domain.statistics import Window
from bot.storage.history import Outcome, Search
from bot.workflows.overview import View

OUTCOMES: Final = {
    Outcome.ANY: "All",
    Outcome.WITH_CODE: "With code",
    Outcome.WITHOUT_CODE: "Without code",
    Outcome.REFUNDED: "Refunded",
}

Choice = TypeVar("Choice", bound=str)


async def history(scene: Scene, context: Context, message: Posted) -> None:
    """`/history`."""
    page = unseen(scene) or await _page(scene, desk_of(context), FilterHistory(scene.actor))
    await send(context.bot, scene.place, page, reply_to=reply_to_of(scene, message))


@pressed_by_its_owner
async def show(press: Press, context: Context, button: FilterHistory) -> None:
    """Show another page, or what another filter finds."""
    if button.outcome not in set(Outcome) or button.window not in set(Window):
        await press.alert(toasts.button_gone())
        return
    await press.show(await _page(press.scene, desk_of(context), button))


@pressed_by_its_owner
async def choose(press: Press, context: Context, button: ChooseService) -> None:
    """Show the services that one has bought, to pick one."""
    services = await desk_of(context).history.services(_search(press.scene))
    every = FilterHistory(button.owner, button.outcome, button.window)
    found = [keys.button(name, replace(every, service=key)) for key, name in services]
    rows = [[keys.button("All services", every)], *keys.pairs(found)]
    rows.append(keys.last_row(every, button.owner))
    await press.show(Message("Which service?", InlineKeyboardMarkup(rows)))


async def show_number(press: Press, context: Context, button: ShowNumber) -> None:
    """Show the proof of a purchase to its buyer, with its SMS only where nobody else reads."""
    proof = await desk_of(context).history.proof(button.activation_id)
    if proof is None or proof.view.activation.user_id != press.scene.user.id:
        await press.alert(toasts.not_yours())
        return
    await press.answer()
    await press.send(proof_of(proof, with_codes=press.scene.is_private))


def purchases(views: Sequence[View]) -> list[keys.Row]:
    """Give a key for each purchase, which shows its proof."""
    named = [(view.activation.id, keyboards.label(view.activation)) for view in views]
    return [[keys.button(f"#{number} {label}", ShowNumber(number))] for number, label in named]


async def _page(scene: Scene, desk: Desk, shown: FilterHistory) -> Message:
    search = _search(scene)
    services = await desk.history.services(search)
    service = next((one for one in services if matches(shown.service, one[0])), None)
    search = replace(
        search,
        service_id=service[0] if service else None,
        outcome=Outcome(shown.outcome),
        since=Window(shown.window).since(desk.clock.now()),
    )
    views, has_more = await desk.history.page(search, shown.page)
    is_filtered = shown != FilterHistory(shown.owner)
    html = listings.history(views, shown.page, with_codes=scene.is_private, is_filtered=is_filtered)
    rows = purchases(views)
    rows += keys.moves(
        shown.page, shown.page + 1 + has_more, lambda page: replace(shown, page=page)
    )
    rows += _filters(shown, service[1] if service else "All") if services else []
    last = keys.last_row(ShowMenu(shown.owner), shown.owner)
    return Message(html, InlineKeyboardMarkup([*rows, last]))


def _search(scene: Scene) -> Search:
    """Look for one's own: in a group what was bought there, in private everywhere."""
    return Search(user_id=scene.user.id, chat_id=None if scene.is_private else scene.chat.id)


def _filters(shown: FilterHistory, service: str) -> list[keys.Row]:
    first = replace(shown, page=0)
    services = ChooseService(shown.owner, shown.outcome, shown.window)
    outcomes = _choices(OUTCOMES, shown.outcome, lambda one: replace(first, outcome=one))
    return [
        outcomes[:2],
        outcomes[2:],
        _choices(WINDOW_KEYS, shown.window, lambda one: replace(first, window=one)),
        [keys.button(f"Service: {service}", services)],
    ]


def _choices(
    names: Mapping[Choice, str], chosen: str, to: Callable[[Choice], FilterHistory]
) -> keys.Row:
    """Give a key for each choice; the one that is shown is marked."""
    return [
        keys.button(keys.chosen(name, choice == chosen), to(choice))
        for choice, name in names.items()
    ]
