"""The entrance: who speaks is remembered, strangers can ask, and the owner decides."""

from telegram import Message as Posted
from telegram import Update
from telegram.ext import ApplicationHandlerStop

from bot.chat import keyboards, texts, toasts
from bot.chat.buttons import AskAccess, DecideAccess
from bot.chat.desk import Context, Desk, desk_of
from bot.chat.message import Message
from bot.chat.policy_texts import decided
from bot.chat.presence import is_there
from bot.chat.replies import Press, answer_query, send
from bot.chat.scene import Scene
from bot.domain.chat import ChatAccess, ChatRules, CodePlace, WhoMayBuy
from bot.domain.policy import check_buyer


async def admit(update: Update, context: Context) -> None:
    """Remember chat and person before anything else, and send what waited for them.

    Raises:
        ApplicationHandlerStop: nobody else has anything to do with this update.
    """
    desk = desk_of(context)
    if update.message and await _moved(update.message, desk):
        raise ApplicationHandlerStop
    if update.message and _is_a_farewell(update.message, context):
        raise ApplicationHandlerStop  # else it would pass for somebody who is heard here
    scene = Scene.of(update)
    if scene is None and (update.chat_member or update.my_chat_member):
        return  # another bot lets people in and out as well
    if scene is None:
        if update.callback_query:
            await answer_query(update.callback_query, toasts.button_gone(), alert=True)
        raise ApplicationHandlerStop
    await desk.doorkeeper.admit(scene.visitor)
    await desk.delivery.unpark(scene.chat.id)


async def greet(update: Update, context: Context) -> None:
    """Say hello to a group that the bot has just been added to (Bot API, `my_chat_member`)."""
    change, scene = update.my_chat_member, Scene.of(update)
    if change is None or scene is None or scene.is_private:
        return
    if is_there(change.old_chat_member) or not is_there(change.new_chat_member):
        return
    desk = desk_of(context)
    refusal = await knock(desk, scene)
    rules = await desk.governance.rules_of(scene.chat.id)
    place = rules.code_place if rules else CodePlace.PRIVATE
    html = texts.group_welcome(place) + (f"\n\n{refusal.html}" if refusal else "")
    keyboard = refusal.keyboard if refusal else None
    await send(context.bot, scene.place, Message(html, keyboard))


async def refusal_of(desk: Desk, scene: Scene) -> Message | None:
    """Give what a chat that may not buy is told, None for one that may."""
    access = await desk.doorkeeper.admit(scene.visitor)
    if desk.doorkeeper.may_use(access):
        return None
    return _told(access, scene)


async def refusal_to_buy(desk: Desk, scene: Scene, rules: ChatRules | None) -> Message | None:
    """Give what somebody is told who may buy nothing here, None where they may."""
    if rules is None or not rules.may_spend:
        return await refusal_of(desk, scene)
    is_admin = await counts_as_admin(desk, scene, rules)
    refusal = check_buyer(scene.user.id, rules, is_admin=is_admin)
    return Message(decided(refusal.reason)) if refusal else None


async def counts_as_admin(desk: Desk, scene: Scene, rules: ChatRules) -> bool:
    """Tell whether somebody may buy as an admin may; Telegram is asked only where that matters."""
    matters = rules.who_may_buy is WhoMayBuy.ADMINS
    return scene.is_private or (matters and await desk.admins.include_actor_of(scene))


async def refusal_here(desk: Desk, scene: Scene) -> Message | None:
    """Give what somebody is told who may buy nothing in this chat, None where they may."""
    return await refusal_to_buy(desk, scene, await desk.governance.rules_of(scene.chat.id))


async def knock(desk: Desk, scene: Scene) -> Message | None:
    """Ask the owner to let a new chat in; give what it is told, None for one that may buy."""
    if await refusal_of(desk, scene) is None:
        return None
    return _told(await desk.doorkeeper.ask(scene.visitor), scene)


async def ask(press: Press, context: Context, _: AskAccess) -> None:
    """Carry a stranger's wish to the owner, once in a while."""
    doorkeeper, visitor = desk_of(context).doorkeeper, press.scene.visitor
    before = await doorkeeper.admit(visitor)
    access = await doorkeeper.ask(visitor)
    if before is access is ChatAccess.REQUESTED:
        await press.answer(toasts.asked_already())
        return
    await press.show(_told(access, press.scene))


async def decide(press: Press, context: Context, button: DecideAccess) -> None:
    """Take the owner's decision about a chat."""
    desk = desk_of(context)
    owner_id = press.scene.user.id
    if not desk.doorkeeper.is_owner(owner_id):
        await press.alert(toasts.only_owner())
        return
    chat = await desk.doorkeeper.answer(button.chat_id, owner_id, approve=button.approve)
    if chat is None:
        await press.alert(toasts.button_gone())
        return
    await press.show(Message(texts.request_decided(chat.title, chat.access)))


def _told(access: ChatAccess, scene: Scene) -> Message:
    match access:
        case ChatAccess.APPROVED:
            return Message(texts.access_approved())
        case ChatAccess.REQUESTED:
            html = texts.access_requested(in_group=not scene.is_private)
            return Message(html, keyboards.ask_access(again=True))
        case ChatAccess.DENIED:
            return Message(texts.access_denied())
        case ChatAccess.SUSPENDED:
            return Message(texts.access_suspended())
        case ChatAccess.NEW:
            html = texts.not_approved(in_group=not scene.is_private)
            return Message(html, keyboards.ask_access())


def _is_a_farewell(message: Posted, context: Context) -> bool:
    """Tell whether a message says that the bot has left; `my_chat_member` says so as well."""
    left = message.left_chat_member
    return left is not None and left.id == context.bot.id


async def _moved(message: Posted, desk: Desk) -> bool:
    """Follow a group that has become a supergroup, whichever of its two notes comes first."""
    old, new = message.chat.id, message.migrate_to_chat_id
    if message.migrate_from_chat_id:
        old, new = message.migrate_from_chat_id, message.chat.id
    if new is None:
        return False
    await desk.delivery.move_chat(old, new)
    return True
