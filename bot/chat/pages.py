"""What people look at, as messages: their numbers, the account of a chat."""

from collections.abc import Sequence

from bot.chat import keyboards, listings
from bot.chat.cards import Message
from bot.chat.desk import Desk
from bot.chat.scene import Scene
from bot.provider import ProviderError
from bot.workflows.overview import View


async def own_numbers(scene: Scene, desk: Desk) -> list[View]:
    """Give one's open numbers and those with a new code: of this group, in private all."""
    return await desk.overview.numbers(scene.user.id, None if scene.is_private else scene.chat.id)


def cancellable(scene: Scene, views: Sequence[View]) -> list[View]:
    """Give the numbers that can be cancelled: those of this chat, where it has none all others."""
    waiting = [view for view in views if view.activation.can_be_cancelled]
    here = [view for view in waiting if view.activation.chat_id == scene.chat.id]
    return here or waiting


async def numbers_of(scene: Scene, desk: Desk) -> Message:
    """Show one's numbers, with their codes only in private."""
    views = await own_numbers(scene, desk)
    html = listings.numbers(views, desk.clock.now(), with_codes=scene.is_private)
    return Message(html, keyboards.numbers(views, scene.actor))


async def balance_of(scene: Scene, desk: Desk) -> Message:
    """Show the chat's account, to an owner in private also the balance at the provider."""
    account = await desk.overview.account(scene.chat.id, scene.user.id)
    if not (scene.is_private and desk.doorkeeper.is_owner(scene.user.id)):
        return Message(listings.balance(account))
    try:
        prepaid = await desk.provider.balance()
    except ProviderError:
        return Message(listings.balance(account) + listings.provider_balance_unknown())
    return Message(listings.balance(account, prepaid.micros))
