"""The buttons of the owner's desk: what to show or decide; who presses is asked at each press."""

from bot.chat.codec import Button, Flag, Integer, Natural, OwnId, Page, Word, button


@button("w")
class ShowDesk(Button):
    """Show a part of the desk."""

    part: Word = "main"


@button("wc")
class ShowChats(Button):
    """Show a page of the chats of which this was decided."""

    access: Word
    page: Page = 0


@button("wk")
class ShowChat(Button):
    """Show one chat."""

    chat_id: Integer


@button("wd")
class DecideChat(Button):
    """Let a chat in, deny or suspend it; `sure` where that was asked once more.

    `then` is what is shown afterwards: the chat, or the requests.
    """

    chat_id: Integer
    access: Word
    sure: Flag
    then: Word


@button("wl")
class ShowChatLimit(Button):
    """Offer amounts for one limit that the owner gives a chat."""

    chat_id: Integer
    name: Word


@button("ws")
class SetChatLimit(Button):
    """Give a chat one limit, in micro-dollars or as a count; -1 lifts it."""

    chat_id: Integer
    name: Word
    value: Integer


@button("wp")
class PauseAll(Button):
    """Stop all purchases, or let them go on; `sure` where that was asked once more."""

    paused: Flag
    sure: Flag


@button("wf")
class AskWhat(Button):
    """Ask what to find, as a reply."""


@button("wv")
class ShowFound(Button):
    """Show the proof of a purchase."""

    activation_id: Natural


@button("wn")
class PlanInvite(Button):
    """Show what an invitation would give; `daily` is micro-dollars, -1: the usual."""

    is_group: Flag
    days: Natural
    daily: Integer


@button("wm")
class MakeInvite(Button):
    """Make the invitation that was planned."""

    is_group: Flag
    days: Natural
    daily: Integer


@button("wx")
class WithdrawInvite(Button):
    """Make an invitation worthless."""

    invite_id: OwnId


@button("wa")
class ShowAllChanges(Button):
    """Show a page of the log of all changes."""

    page: Page = 0


@button("wz")
class CloseDesk(Button):
    """Take the desk away."""
