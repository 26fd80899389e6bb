"""Who answers what in this folder. To be asked before the dialogue, which takes any text."""

from telegram.ext import filters

from bot.chat.handlers import Handler, on_command, on_message, on_press
from bot.chat.owner import chats, desk, find, invitations
from bot.chat.owner.buttons import (
    AskWhat,
    CloseDesk,
    DecideChat,
    MakeInvite,
    PauseAll,
    PlanInvite,
    SetChatLimit,
    ShowAllChanges,
    ShowChat,
    ShowChatLimit,
    ShowChats,
    ShowDesk,
    ShowFound,
    WithdrawInvite,
)

ANSWERS = filters.TEXT & ~filters.COMMAND & filters.ChatType.PRIVATE & find.AnswersFind()


def handlers() -> list[Handler]:
    """Give the handlers of what owners type and press."""
    return [
        on_command("admin", desk.admin),
        on_message(find.answer, ANSWERS),
        on_press(desk.show, ShowDesk),
        on_press(desk.pause, PauseAll),
        on_press(desk.changes, ShowAllChanges),
        on_press(desk.close, CloseDesk),
        on_press(chats.show_list, ShowChats),
        on_press(chats.show_one, ShowChat),
        on_press(chats.decide, DecideChat),
        on_press(chats.show_limit, ShowChatLimit),
        on_press(chats.set_limit, SetChatLimit),
        on_press(find.ask, AskWhat),
        on_press(find.show, ShowFound),
        on_press(invitations.plan, PlanInvite),
        on_press(invitations.make, MakeInvite),
        on_press(invitations.withdraw, WithdrawInvite),
    ]
