"""What people look at, as messages: their numbers, their history, the account of a chat."""

from bot.chat import keyboards, listings
from bot.chat.cards import Message
from bot.chat.desk import Desk
from bot.chat.scene import Scene
from bot.provider import ProviderError
from bot.workflows.overview import View


async def numbers_of(scene: Scene, desk: Desk) -> Message:
    """Show one's open numbers: in private all of them with codes, in a group those of the group."""
    chat_id = None if scene.is_private else scene.chat.id
    views = await desk.overview.numbers(scene.user.id, chat_id)
    html = listings.numbers(views, desk.clock.now(), with_codes=scene.is_private)
    return Message(html, keyboards.numbers(views, scene.actor))


async def waiting_of(scene: Scene, desk: Desk) -> list[View]:
    """Give one's numbers that can be cancelled: those of this chat, in private else all others."""
    views = await desk.overview.numbers(scene.user.id, None if scene.is_private else scene.chat.id)
    waiting = [view for view in views if view.activation.can_be_cancelled]
    here = [view for view in waiting if view.activation.chat_id == scene.chat.id]
    return here or waiting


async def history_of(scene: Scene, desk: Desk, page: int = 0) -> Message:
    """Show a page of what one bought, with codes only in private."""
    chat_id = None if scene.is_private else scene.chat.id
    views, has_more = await desk.overview.history(scene.user.id, chat_id, page)
    html = listings.history(views, page, with_codes=scene.is_private)
    return Message(html, keyboards.history(views, page, scene.actor, has_more=has_more))


async def balance_of(scene: Scene, desk: Desk) -> Message:
    """Show the chat's account, to an owner in private also the balance at the provider."""
    account = await desk.overview.account(scene.chat.id)
    if not (scene.is_private and desk.doorkeeper.is_owner(scene.user.id)):
        return Message(listings.balance(account))
    try:
        prepaid = await desk.provider.balance()
    except ProviderError:
        return Message(listings.balance(account) + listings.provider_balance_unknown())
    return Message(listings.balance(account, prepaid.micros))
