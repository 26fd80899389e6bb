"""What the owner's desk says. Telegram's HTML."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from bot.chat import limits, markup, standings
from bot.chat.groups import words
from bot.chat.listings import fitting, purchase
from bot.chat.markup import bold, dollars
from bot.chat.notices import KEY_REFUSED
from bot.domain.activation import Activation
from bot.domain.chat import ChatAccess, ChatRules
from bot.storage.changes import Change
from bot.storage.chats import Chat
from bot.storage.readings import KeptReading
from bot.storage.supervision import OpenNumbers
from bot.workflows.health import ProviderHealth
from bot.workflows.overview import View
from bot.workflows.rules import Rules
from bot.workflows.supervision import Funds, Summary, Sums

ACCESS: Final = {
    ChatAccess.APPROVED: "approved",
    ChatAccess.SUSPENDED: "suspended",
    ChatAccess.DENIED: "denied",
    ChatAccess.REQUESTED: "asked",
    ChatAccess.NEW: "new",
}
"""What is listed, in this order."""

HELP: Final = (
    "<code>/admin</code> opens the desk.\n"
    "<code>/admin find +12025550123</code>, or #12, a user's id or name, or the day of the code "
    "as 2026-01-31.\n"
    "<code>/admin chat -4001</code> shows a chat.\n"
    "<code>/admin limit -4001 daily 12.50</code> gives a chat a limit, <code>off</code> lifts it "
    "(daily: the usual one counts again). What: daily, weekly, monthly, price, open, hour."
)
WHAT_TO_FIND: Final = (
    "🔍 What shall I find? Reply with a number, #id, a user's id or name, "
    "or the day of the code as 2026-01-31."
)


def desk(summary: Summary, health: ProviderHealth, *, paused: bool) -> str:
    """Sum up the installation."""
    state = "Purchases are stopped." if health.key_refused else "Purchases are on."
    if paused:
        state = "⏸ All purchases are paused."
    counted = summary.by_access
    return (
        f"<b>Desk</b>\n{state}\n"
        f"Requests: {counted.get(ChatAccess.REQUESTED, 0)}\n"
        f"Chats: {counted.get(ChatAccess.APPROVED, 0)} approved, "
        f"{counted.get(ChatAccess.SUSPENDED, 0)} suspended\n"
        f"Open: {numbers(summary.open)}\n"
        f"Spent and held today: {dollars(summary.spent_today)}\n"
        f"SpotSMS balance: {_reading(summary.reading)}\n"
        f"Unknown outcomes: {summary.unknown}\n"
        f"{standing(health)}"
    )


def numbers(given: OpenNumbers) -> str:
    """Count open numbers, with what they cost."""
    if not given.count:
        return "no numbers"
    return f"{markup.counted(given.count, 'number')}, {dollars(given.worth)} in all"


def standing(health: ProviderHealth) -> str:
    """Tell in a line how the provider does."""
    if health.key_refused:
        return "🔴 SpotSMS refuses the key."
    return "🔴 SpotSMS does not answer." if health.is_down else "🟢 SpotSMS answers."


def provider(health: ProviderHealth, rules: Rules) -> str:
    """Tell how the provider does, and what to do about it."""
    error = health.last_error
    last = (
        f"{standings.reason_in_words(error.kind)}, {markup.moment(error.at)}" if error else "none"
    )
    stands = standing(health)
    if health.key_refused:
        stands = KEY_REFUSED
    elif health.is_down:
        stands += " Open numbers stay watched, and it is tried every few seconds."
    return (
        f"<b>Provider</b>\n{stands}\n"
        f"Requests a second: {_rate(health.budget.rate)} of {_rate(rules.max_rps)}\n"
        f"Last error since the start: {last}"
    )


def balance(funds: Funds, rules: Rules) -> str:
    """Show the balance, its last days, and how long it lasts."""
    lines = [
        f"<b>SpotSMS balance</b>\nNow: {_reading(funds.reading)}",
        f"Lasts: {_lasts(funds)}",
        f"You are warned below {dollars(rules.low_balance)}.",
        "\n<b>Balance at the end of each day (UTC)</b>",
        *(f"{_day(one.at)}: {dollars(one.micros)}" for one in funds.days),
        "\n<b>Spent and held by all chats</b>",
        *(f"{_day(at)}: {dollars(micros)}" for at, micros in funds.spent),
    ]
    return "\n".join(lines)


def requests(chats: Sequence[Chat]) -> str:
    """List the chats that ask to be let in."""
    lines = [named(chat) for chat in chats]
    return "<b>Requests</b>\n" + ("\n".join(lines) or "Nobody asks to be let in.")


def chats(access: ChatAccess, listed: Sequence[tuple[Chat, Sums]], page: int) -> str:
    """List a page of chats with their spending."""
    where = f" · page {page + 1}" if page else ""
    lines = [f"{named(chat)}\n{_sums(sums)}" for chat, sums in listed]
    return fitting(f"<b>Chats: {ACCESS[access]}</b>{where}", lines or ["There are none."])


def chat(shown: Chat, rules: ChatRules, sums: Sums, members: int, log: Sequence[str]) -> str:
    """Show one chat."""
    state = [ACCESS[shown.access]]
    state += ["paused by its admins"] * shown.paused
    if shown.left_at is not None:
        state.append(f"the bot was removed {markup.moment(shown.left_at)}")
    met = f"\nMembers I have met: {members}" if shown.kind != "private" else ""
    return (
        f"{named(shown)}\nAccess: {', '.join(state)}\n{_sums(sums)}\n"
        f"Limits from you: {limits.in_one_line(rules.given)}{met}\n\n"
        "<b>Last changes</b>\n" + ("\n".join(log) or "none")
    )


def named(shown: Chat) -> str:
    """Name a chat beyond doubt."""
    kind = "group" if shown.kind == "supergroup" else shown.kind
    return f"{bold(shown.title)} · {kind} · {markup.code(str(shown.id))}"


def limit(shown: Chat, rules: ChatRules, name: str) -> str:
    """Head the choice of one limit."""
    value = limits.amount(name, rules.given.of(name))
    return f"{named(shown)}\n<b>{limits.NAMES[name]}</b>: {value}"


def sure(shown: Chat, access: ChatAccess, open_here: OpenNumbers) -> str:
    """Ask once more, and name what is open."""
    verb = "Suspend" if access is ChatAccess.SUSPENDED else "Deny"
    goes_on = " What is open goes on, and can be cancelled." if open_here.count else ""
    return (
        f"<b>{verb} {markup.name(shown.title)}?</b> It may not buy any more.\n"
        f"Open: {numbers(open_here)}.{goes_on}"
    )


def sure_to_pause(open_everywhere: OpenNumbers) -> str:
    """Ask once more before all purchases stop."""
    return (
        "<b>Pause everything?</b> Nobody may buy until you resume.\n"
        f"Open: {numbers(open_everywhere)}. What is open goes on, and can be cancelled."
    )


def outcomes(unknown: Sequence[Activation]) -> str:
    """Head the list of unknown outcomes."""
    if not unknown:
        return "<b>Unknown outcomes</b>\nThere are none."
    held = dollars(sum(one.price for one in unknown))
    return (
        f"<b>Unknown outcomes: {len(unknown)}</b>\n{held} is held. A button shows what is known, "
        "and lets you decide."
    )


def found(views: Sequence[View], titles: Mapping[int, Chat], *, has_more: bool) -> str:
    """List the purchases that were found, without their codes."""
    if not views:
        return f"Nothing found.\n\n{HELP}"
    lines = [f"{purchase(view.activation)}\n{whose(view, titles)}" for view in views]
    head = "<b>Found</b>" + (" · only the newest are shown" if has_more else "")
    return fitting(head, lines)


def whose(view: View, titles: Mapping[int, Chat]) -> str:
    """Name the buyer and the chat of a purchase."""
    activation = view.activation
    chat_here = titles.get(activation.chat_id)
    where = named(chat_here) if chat_here else markup.code(str(activation.chat_id))
    buyer = f"{bold(view.buyer_name or '?')} · {markup.code(str(activation.user_id))}"
    return f"Buyer: {buyer}\nChat: {where}"


def change(one: Change, names: dict[int, str], titles: Mapping[int, Chat]) -> str:
    """Tell one change, and where."""
    where = titles.get(one.chat_id) if one.chat_id is not None else None
    place = f"\nin {named(where)}" if where else ""
    return words.change(one, names) + place


def _sums(sums: Sums) -> str:
    return (
        f"Today {dollars(sums.today)}, this month {dollars(sums.month)}\nOpen: {numbers(sums.open)}"
    )


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"  # noqa: PLR2004 - of two digits


def _reading(reading: KeptReading | None) -> str:
    if reading is None:
        return "not read yet"
    return f"<b>{dollars(reading.micros)}</b>, read {markup.moment(reading.at)}"


def _lasts(funds: Funds) -> str:
    left = funds.days_left
    if funds.reading is None:
        return "not known yet"
    if left is None:
        return "nothing was spent lately"
    if left < 1:
        return "less than a day at the present rate"
    return f"about {left:,.0f} {'day' if round(left) == 1 else 'days'} at the present rate"


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%d %b")
