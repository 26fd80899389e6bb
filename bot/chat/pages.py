"""What people look at, as messages: their numbers, the account of a chat."""

from collections.abc import Sequence
from typing import Final

from bot.chat import keyboards, listings, texts
from bot.chat.desk import Desk
from bot.chat.entrance import refusal_here
from bot.chat.message import Message
from bot.chat.scene import ANONYMOUS, Scene
from bot.chat.standings import may_be_cancelled
from bot.domain.chat import ChatAccess
from bot.provider import ProviderError
from bot.workflows.overview import View

UNSEEN: Final = (
    "I cannot see who you are while you are anonymous. Ask as yourself, or in a private chat with "
    "me: there I show what you bought."
)


def unseen(scene: Scene) -> Message | None:
    """Give what an anonymous admin is told who asks for their own, None for everybody else."""
    return Message(UNSEEN) if scene.actor == ANONYMOUS else None


async def own_numbers(scene: Scene, desk: Desk) -> list[View]:
    """Give one's open numbers and those with a new code: of this group, in private all."""
    return await desk.overview.numbers(scene.user.id, None if scene.is_private else scene.chat.id)


def cancellable(scene: Scene, views: Sequence[View]) -> list[View]:
    """Give the numbers to offer Cancel for: those of this chat, where it has none all others."""
    waiting = [view for view in views if may_be_cancelled(view.activation)]
    here = [view for view in waiting if view.activation.chat_id == scene.chat.id]
    return here or waiting


async def numbers_of(scene: Scene, desk: Desk) -> Message:
    """Show one's numbers, with their codes only in private."""
    views = await own_numbers(scene, desk)
    may_buy = await refusal_here(desk, scene) is None
    shown = views[: keyboards.MOST_NUMBERS]
    html = listings.numbers(
        shown,
        desk.clock.now(),
        with_codes=scene.is_private,
        may_buy=may_buy,
        left_out=len(views) - len(shown),
    )
    return Message(html, keyboards.numbers(shown, scene.actor, may_buy=may_buy))


async def balance_of(scene: Scene, desk: Desk) -> Message:
    """Show the chat's account, and why it may not be spent; to an owner also the prepaid money."""
    html = await _account_of(scene, desk)
    refusal = await refusal_here(desk, scene)
    return Message(f"{html}\n\n⚠️ {refusal.html}", refusal.keyboard) if refusal else Message(html)


async def menu_of(
    scene: Scene, desk: Desk, refusal: Message | None, invited: str | None = None
) -> Message:
    """Greet, and offer what can be done; who is shut out for good is not told what is sold."""
    access = await desk.doorkeeper.admit(scene.visitor)
    is_shut_out = access in {ChatAccess.DENIED, ChatAccess.SUSPENDED}
    greeting = texts.start(
        scene.first_name, in_group=not scene.is_private, explains=not is_shut_out
    )
    html = "\n\n".join(filter(None, (greeting, invited, refusal.html if refusal else None)))
    keyboard = refusal.keyboard if refusal else None
    return Message(html, keyboard or keyboards.start(scene.actor, may_buy=refusal is None))


async def _account_of(scene: Scene, desk: Desk) -> str:
    account = await desk.overview.account(scene.chat.id, scene.user.id)
    if not (scene.is_private and desk.doorkeeper.is_owner(scene.user.id)):
        return listings.balance(account)
    try:
        prepaid = await desk.provider.balance()
    except ProviderError:
        return listings.balance(account) + listings.provider_balance_unknown()
    return listings.balance(account, prepaid.micros)
