"""Invite: a link that lets one person or one group in, once, and with its limit."""

from dataclasses import replace
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import KeyboardButtonStyle

from bot.chat import keys, markup, toasts
from bot.chat.keys import Row
from bot.chat.markup import counted, dollars
from bot.chat.message import Message
from bot.chat.owner.buttons import CloseDesk, MakeInvite, PlanInvite, ShowDesk, WithdrawInvite
from bot.chat.owner.guard import Seat, pressed_by_owner
from bot.chat.replies import Press
from bot.domain.money import MICROS_PER_DOLLAR
from bot.storage.invites import Invite

USUAL: Final = -1
VALID_DAYS: Final = (1, 7, 30)
AMOUNTS: Final = tuple(dollar * MICROS_PER_DOLLAR for dollar in (1, 2, 5, 10, 20, 50))
MOST_LISTED: Final = 10
PLAN: Final = PlanInvite(is_group=False, days=7, daily=USUAL)


@pressed_by_owner
async def plan(_: Press, seat: Seat, button: PlanInvite) -> Message:
    """Show what an invitation would give, and those that are open."""
    return await _planned(seat, button)


@pressed_by_owner
async def make(press: Press, seat: Seat, button: MakeInvite) -> Message | None:
    """Make an invitation, and show its link."""
    daily = None if button.daily == USUAL else button.daily
    try:
        invite = await seat.desk.invites.create(
            seat.owner_id, is_group=button.is_group, days=button.days, daily=daily
        )
    except ValueError:
        invite = None
    if invite is None:
        await press.alert(toasts.button_gone())
        return None
    return _made(seat, invite)


@pressed_by_owner
async def withdraw(press: Press, seat: Seat, button: WithdrawInvite) -> Message | None:
    """Make an invitation worthless."""
    if await seat.desk.invites.withdraw(button.invite_id, seat.owner_id) is None:
        await press.alert("This invitation has been used, or is gone.")
    return await _planned(seat, PLAN)


async def _planned(seat: Seat, shown: PlanInvite) -> Message:
    open_ones = await seat.desk.invites.still_open()
    whom = [
        _choice("A person", shown, replace(shown, is_group=False)),
        _choice("A group", shown, replace(shown, is_group=True)),
    ]
    days = [_choice(counted(many, "day"), shown, replace(shown, days=many)) for many in VALID_DAYS]
    amounts = [_choice(dollars(value), shown, replace(shown, daily=value)) for value in AMOUNTS]
    usual = _choice(f"Usual, {_daily(seat, None)}", shown, replace(shown, daily=USUAL))
    making = MakeInvite(shown.is_group, shown.days, shown.daily)
    rows: list[Row] = [
        whom,
        days,
        [usual],
        amounts[:3],
        amounts[3:],
        [keys.button("✉️ Make the link", making, KeyboardButtonStyle.SUCCESS)],
        *(
            [keys.button(f"Withdraw {one.id[:6]}", WithdrawInvite(one.id))]
            for one in open_ones[:MOST_LISTED]
        ),
        _last_row(),
    ]
    return Message(_plan_words(seat, shown, open_ones), InlineKeyboardMarkup(rows))


def _plan_words(seat: Seat, shown: PlanInvite, open_ones: list[Invite]) -> str:
    whom = "a group" if shown.is_group else "a person"
    daily = _daily(seat, None if shown.daily == USUAL else shown.daily)
    lines = [_line(seat, one) for one in open_ones[:MOST_LISTED]]
    left_out = len(open_ones) - len(lines)
    more = [f"… and {left_out} more"] if left_out else []
    return "\n".join(
        [
            "<b>Invite</b>",
            f"For {whom}, valid for {counted(shown.days, 'day')}, with {daily} a day.",
            "Whoever opens the link first is let in without a question.",
            "\n<b>Open invitations</b>",
            *(lines or ["none"]),
            *more,
        ]
    )


def _made(seat: Seat, invite: Invite) -> Message:
    link = link_of(seat.link, invite)
    how = "Open it and pick the group." if invite.is_group else "Open it and press Start."
    html = (
        f"✉️ {markup.code(link)}\n{how} It works once, until {markup.moment(invite.expires_at)}, "
        f"and gives {_daily(seat, invite.daily)} a day. Give it to nobody else."
    )
    copy = keys.copy("📋 Copy the link", link)
    another = keys.button("✉️ Another one", PLAN)
    return Message(html, InlineKeyboardMarkup([[copy], [another], _last_row()]))


def link_of(bot_link: str, invite: Invite) -> str:
    """Give the link that redeems an invitation (Bot features, "Deep linking")."""
    return f"{bot_link}?{'startgroup' if invite.is_group else 'start'}={invite.id}"


def _line(seat: Seat, invite: Invite) -> str:
    whom = "a group" if invite.is_group else "a person"
    return (
        f"{markup.code(link_of(seat.link, invite))}\n"
        f"for {whom}, {_daily(seat, invite.daily)} a day, until {markup.moment(invite.expires_at)}"
    )


def _daily(seat: Seat, micros: int | None) -> str:
    usual = seat.desk.rules.limits.daily
    amount = usual if micros is None else micros
    return "no limit" if amount is None else dollars(amount)


def _choice(text: str, shown: PlanInvite, to: PlanInvite) -> InlineKeyboardButton:
    return keys.button(keys.chosen(text, to == shown), to)


def _last_row() -> Row:
    return [keys.button("« Back", ShowDesk()), keys.button("✖ Close", CloseDesk())]
