"""What the operator does from the shell, without Telegram and without the provider."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bot.domain.activation import Activation, State
from bot.domain.money import format_dollars
from bot.settings import Settings
from bot.storage import ledger
from bot.storage.database import Database, InUse, StorageError
from bot.storage.readings import KeptReading
from bot.workflows.clock import SteadyClock
from bot.workflows.outcome import Decided, Outcomes, Readings, TooSoon
from bot.workflows.verify import verify


class ShellError(Exception):
    """It cannot be done; the text is one line for the operator."""


async def verified(settings: Settings) -> list[str]:
    """Give a line for each difference in the ledger; works beside a running bot.

    Raises:
        ShellError: the database cannot be read.
    """
    try:
        async with Database(_url(settings), read_only=True) as database:
            return await verify(database)
    except StorageError as error:
        raise ShellError(str(error)) from None


async def unknown_outcomes(settings: Settings) -> list[str]:
    """Describe each unknown outcome and each refund that has not come; works beside the bot.

    Raises:
        ShellError: the database cannot be read.
    """
    try:
        async with Database(_url(settings), read_only=True) as database:
            outcomes = Outcomes(database, await SteadyClock.going_on(database))
            found = await outcomes.open_ones()
            described = [_described(one, await outcomes.evidence(one)) for one in found]
            described += await _refunds_due(database)
    except StorageError as error:
        raise ShellError(str(error)) from None
    return described or ["No purchase has an unknown outcome, and no refund is due."]


async def settled(settings: Settings, activation_id: int, *, charged: bool) -> list[str]:
    """Settle an unknown outcome as the operator says, and tell how it stands then.

    The buyer is told when the bot runs. With SQLite the bot must be stopped, since one process at
    a time writes; with PostgreSQL it may run.

    Raises:
        ShellError: the bot is running, or there is no such purchase, or it is too soon.
    """
    try:
        async with _installation(settings) as database:
            outcomes = Outcomes(database, await SteadyClock.going_on(database))
            decision = await outcomes.decide(activation_id, charged=charged)
    except InUse as error:
        raise ShellError(f"{error}; stop the bot, or use the buttons in Telegram") from None
    except StorageError as error:
        raise ShellError(str(error)) from None
    match decision:
        case Decided(activation=activation, anew=anew):
            return [f"Purchase {activation.id}: {_standing(activation, anew=anew)}"]
        case TooSoon(until=until):
            raise ShellError(f"SpotSMS may still answer for it until {_time(until)}")
        case None:
            raise ShellError(f"there is no purchase {activation_id}")


async def refund_given_up(settings: Settings, activation_id: int) -> list[str]:
    """Book a refund that never came as the owner's loss. As with `settled`, the bot is stopped.

    Raises:
        ShellError: the bot is running, or no refund of this number is due.
    """
    try:
        async with _installation(settings) as database:
            outcomes = Outcomes(database, await SteadyClock.going_on(database))
            refund = await outcomes.give_up_refund(activation_id)
    except InUse as error:
        raise ShellError(f"{error}; stop the bot") from None
    except StorageError as error:
        raise ShellError(str(error)) from None
    if refund is None:
        raise ShellError(f"no refund of number {activation_id} is due")
    amount = format_dollars(refund.amount)
    return [f"Number {activation_id}: its refund of {amount} is given up, and booked as a loss"]


@asynccontextmanager
async def _installation(settings: Settings) -> AsyncIterator[Database]:
    """Open what is there for writing; started in a wrong folder, nothing is made there."""
    async with Database(_url(settings), read_only=True):
        pass
    async with Database(_url(settings)) as database:
        yield database


def _standing(activation: Activation, *, anew: bool) -> str:
    already = "" if anew else "already settled; "
    match activation.state:
        case State.LOST:
            return f"{already}charged, booked as a loss of {format_dollars(activation.price)}"
        case State.DECLINED:
            return f"{already}not charged"
        case state:
            return f"its outcome is not unknown, it is {state}"


def _described(activation: Activation, evidence: Readings) -> str:
    return (
        f"{activation.id}  {format_dollars(activation.price)}  {activation.service_name}, "
        f"{activation.country_name}  asked {_time(activation.requested_at)}  "
        f"user {activation.user_id} in chat {activation.chat_id}  ({activation.reason})  "
        f"balance before: {_reading(evidence.before)}, since: {_reading(evidence.latest)}"
    )


async def _refunds_due(database: Database) -> list[str]:
    async with database.read() as connection:
        refunds = await ledger.refunds_due(connection)
    return [
        f"{one.activation_id}  {format_dollars(one.amount)}  its refund was promised "
        f"{_time(one.at)}, and the balance has not shown it"
        for one in refunds
    ]


def _reading(reading: KeptReading | None) -> str:
    return f"{format_dollars(reading.micros)} at {_time(reading.at)}" if reading else "not read"


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _url(settings: Settings) -> str:
    return settings.database_url.get_secret_value()
