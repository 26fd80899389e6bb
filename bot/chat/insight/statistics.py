"""`/stats`: what was spent, what came and how fast, as a picture with its figures below."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from telegram import InlineKeyboardMarkup
from telegram import Message as Posted

from bot.chat import keys, markup
from bot.chat.desk import Context, Desk, desk_of
from bot.chat.handlers import pressed_by_its_owner
from bot.chat.insight import picture
from bot.chat.insight.buttons import ShowStatistics
from bot.chat.insight.sending import change_picture, send_picture
from bot.chat.insight.words import HOW_LONG, WINDOW_KEYS, WINDOWS, in_dollars, window_in
from bot.chat.message import Message
from bot.chat.rates import certainty, in_short, wait
from bot.chat.replies import Press, reply_to_of, send
from bot.chat.scene import Scene
from bot.chat.subject import Subject, named, not_met, subject_of
from bot.domain.catalogue import Country
from bot.domain.statistics import Tally, Window
from bot.workflows.statistics import Report

MOST_LINES: Final = 5
NAME_UNITS: Final = 24
"""With these the text stays below the 1024 units of a caption (Bot API, sendPhoto)."""

ONLY_ADMINS: Final = "Only an admin of this group can see what others bought here."
ONLY_OWN: Final = "In private you can see your own statistics only. Ask for others in the group."
WHOSE: Final = " Whose: reply to somebody, or type a mention, @name or an id."


async def stats(scene: Scene, context: Context, message: Posted) -> None:
    """`/stats`, `/stats 7d`, `/stats all 502`, or as a reply to a member."""
    desk, reply_to = desk_of(context), reply_to_of(scene, message)
    asked = await _asked(scene, desk, message)
    if isinstance(asked, Message):
        await send(context.bot, scene.place, asked, reply_to=reply_to)
        return
    drawn, told = await _shown(scene, desk, *asked)
    await send_picture(context.bot, scene.place, drawn, told, reply_to)


async def _asked(
    scene: Scene, desk: Desk, message: Posted
) -> tuple[Subject, ShowStatistics] | Message:
    """Read whose statistics are asked for and of how long, or give why they are not shown."""
    who = await named(message, desk)
    if who.unmet and not scene.is_private:
        return Message(not_met(who.unmet))
    subject = await subject_of(scene, desk, who.user_id)
    if subject is None or who.unmet:
        return Message(ONLY_OWN if scene.is_private else ONLY_ADMINS)
    window = window_in(who.words, Window.MONTH)
    if window is None:
        return Message(f"I do not understand this. {HOW_LONG}{'' if scene.is_private else WHOSE}")
    return subject, ShowStatistics(scene.actor, who.user_id or 0, window, dark=False)


@pressed_by_its_owner
async def show(press: Press, context: Context, button: ShowStatistics) -> None:
    """Draw another window, or in other colours; who presses is checked again."""
    desk = desk_of(context)
    subject = await subject_of(press.scene, desk, button.user_id or None)
    if subject is None or button.window not in set(Window):
        await press.alert(ONLY_ADMINS)
        return
    await press.answer()
    drawn, told = await _shown(press.scene, desk, subject, button)
    await change_picture(context.bot, press, drawn, told)


async def _shown(
    scene: Scene, desk: Desk, subject: Subject, shown: ShowStatistics
) -> tuple[bytes | None, Message]:
    report = await desk.statistics.report(
        Window(shown.window), chat_id=subject.chat_id, user_id=subject.user_id
    )
    title = await _title(scene, desk, subject)
    drawn = await picture.draw(report, title, dark=shown.dark)
    return drawn, Message(caption(report, title), _keyboard(shown))


async def _title(scene: Scene, desk: Desk, subject: Subject) -> str:
    if subject.user_id is None:
        return scene.chat.title or str(scene.chat.id)
    if subject.user_id == scene.user.id:
        return scene.name
    return await desk.statistics.name_of(subject.user_id) or str(subject.user_id)


def caption(report: Report, title: str) -> str:
    """Tell a report in words. Telegram's HTML, at most 1024 units without its tags."""
    total = report.total
    head = f"<b>{markup.escape(markup.cut(title, NAME_UNITS))}</b> · {WINDOWS[report.window]}"
    if not total.bought:
        return f"{head}\nNothing was bought."
    lines = [
        head,
        f"Spent: {in_dollars(total.spent)} for {markup.counted(total.bought, 'number')}",
        f"With a code: {total.codes}, median wait {wait(total.evidence.median_wait)}",
        f"Success rate: {certainty(total.evidence) or 'too early to tell'}",
        *_section("By service", [(tally.name, tally) for tally in report.services]),
        *_section("By country", [(_with_flag(tally), tally) for tally in report.countries]),
    ]
    return "\n".join(lines)


def _section(head: str, named_tallies: Sequence[tuple[str, Tally]]) -> list[str]:
    lines = [_line(name, tally) for name, tally in named_tallies[:MOST_LINES]]
    left_out = len(named_tallies) - len(lines)
    more = [f"… and {left_out} more"] if left_out > 0 else []
    return [f"\n<b>{head}</b>", *lines, *more]


def _line(name: str, tally: Tally) -> str:
    known = [f"{tally.bought} bought", in_short(tally.evidence), in_dollars(tally.spent)]
    return f"{markup.escape(markup.cut(name, NAME_UNITS))}: {' · '.join(filter(None, known))}"


def _with_flag(tally: Tally) -> str:
    return f"{Country(tally.key, tally.name, 0).flag} {tally.name}".strip()


def _keyboard(shown: ShowStatistics) -> InlineKeyboardMarkup:
    windows = [
        keys.button(keys.chosen(name, window == shown.window), replace(shown, window=window))
        for window, name in WINDOW_KEYS.items()
    ]
    colours = "☀️ Light" if shown.dark else "🌙 Dark"
    return InlineKeyboardMarkup(
        [windows, [keys.button(colours, replace(shown, dark=not shown.dark))]]
    )
