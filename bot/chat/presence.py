"""Who is there: the bot in its chats, and people in groups (Bot API, ChatMemberUpdated)."""

from telegram import ChatMember, ChatMemberRestricted, ChatMemberUpdated, Update

from bot.chat.desk import Context, Desk, desk_of

THERE = {ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.OWNER}


async def note_presence(update: Update, context: Context) -> None:
    """Note who came and went; who the admins are is asked anew."""
    desk = desk_of(context)
    if update.my_chat_member:
        desk.admins.forget(update.my_chat_member.chat.id)
        await _note_bot(desk, update.my_chat_member)
    elif update.chat_member:
        desk.admins.forget(update.chat_member.chat.id)
        await _note_member(desk, update.chat_member)


async def note_service_message(update: Update, context: Context) -> None:
    """Note who came and went where the bot is no admin, and only messages tell of it."""
    message, desk = update.message, desk_of(context)
    if message is None:
        return
    desk.admins.forget(message.chat.id)
    came = [user for user in message.new_chat_members if not user.is_bot]
    left = message.left_chat_member
    for user in came:
        await desk.departures.member_changed(message.chat.id, user.id, is_there=True)
    if left and not left.is_bot:
        await desk.departures.member_changed(message.chat.id, left.id, is_there=False)


def is_there(member: ChatMember) -> bool:
    """Tell whether somebody is in a chat: one who is restricted may be or not."""
    return member.status in THERE or (isinstance(member, ChatMemberRestricted) and member.is_member)


async def _note_bot(desk: Desk, change: ChatMemberUpdated) -> None:
    if is_there(change.new_chat_member):
        await desk.departures.bot_is_there(change.chat.id)
    else:
        await desk.departures.bot_is_gone(change.chat.id)


async def _note_member(desk: Desk, change: ChatMemberUpdated) -> None:
    member = change.new_chat_member
    if not member.user.is_bot:
        await desk.departures.member_changed(
            change.chat.id, member.user.id, is_there=is_there(member)
        )
