"""Move a SQLite installation to PostgreSQL, or take it back; for the operator, from the shell.

At no moment may a bot start on both: the old side is marked first, then the new one is committed,
then the old one is told. A move that dies in between is ended by the next.
"""

import secrets
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.settings import Settings, is_postgresql
from bot.storage import moves
from bot.storage.database import (
    DATABASE_ERRORS,
    Database,
    InUse,
    StorageError,
    postgresql_transaction,
    reason,
)
from bot.storage.moves import Move
from bot.storage.schema import OtherSchema, make_where_empty
from bot.storage.transfer import TableSums, copy, is_empty, keep_bots_away
from bot.workflows.clock import SteadyClock
from bot.workflows.ports import Clock
from bot.workflows.shell import ShellError
from bot.workflows.verify import differences


async def moved(settings: Settings, to: str) -> list[str]:
    """Move the SQLite installation of `DATABASE_URL` to PostgreSQL, and say what was moved.

    Safe to run again: after an interruption it begins anew, and what was moved stays as it is.

    Raises:
        ShellError: the bot is running, or the target holds something else or cannot be used.
    """
    url = settings.database_url.get_secret_value()
    if is_postgresql(url):
        raise ShellError("DATABASE_URL: is PostgreSQL already; what is moved is a SQLite file")
    if not is_postgresql(to):
        raise ShellError("--to: not of the form postgresql://user:password@host/name")
    try:
        async with Database(url, moving=True) as database:
            return await _Removal(database, await SteadyClock.going_on(database)).move(to)
    except InUse as error:
        raise ShellError(f"{error}; stop the bot") from None
    except StorageError as error:
        raise ShellError(str(error)) from None
    except OtherSchema as error:
        raise ShellError(f"--to: {error}; name an empty database") from None
    except DATABASE_ERRORS as error:
        raise ShellError(f"the move did not end, run it again: {reason(error)}") from None


async def move_undone(settings: Settings) -> list[str]:
    """Let the bot start again on the SQLite file that was moved.

    Raises:
        ShellError: it was not moved, or cannot be opened.
    """
    try:
        async with (
            Database(settings.database_url.get_secret_value(), moving=True) as database,
            database.write() as connection,
        ):
            move = await moves.moved_to(connection)
            if move is None:
                raise ShellError("DATABASE_URL: this installation was not moved")
            await moves.come_back(connection)
    except StorageError as error:
        raise ShellError(str(error)) from None
    return [
        "The bot starts on this file again. What happened since the move is not in it.",
        f"Start no bot on {move.place} any more: the two would know nothing of each other.",
    ]


class _Removal:
    """One move, from a SQLite file that no bot has open."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def move(self, to: str) -> list[str]:
        place = _place(to)
        begun = await self._begun(place)
        async with (
            self._database.snapshot() as source,
            postgresql_transaction(to, "--to") as target,
        ):
            await target.run_sync(make_where_empty)
            if not await keep_bots_away(target):
                raise ShellError(f"--to: a bot is at work on {place}")
            if not await is_empty(target):
                move = await _present(source, target, begun, place)
                lines = [f"It was moved to {place} already, and nothing has changed since."]
            else:
                move = begun or Move(secrets.token_hex(8), place)
                lines = await _copied(source, target, place)
                await moves.arrive(target, move, self._clock.now())
            await self._leave(move)
        await self._leave(replace(move, is_over=True))
        return [*lines, "Set DATABASE_URL to it; no bot starts on the old file any more."]

    async def _leave(self, move: Move) -> None:
        async with self._database.write() as connection:
            await moves.leave(connection, move, self._clock.now())

    async def _begun(self, place: str) -> Move | None:
        """Give the move that was begun, unless there is none."""
        async with self._database.read() as connection:
            begun = await moves.moved_to(connection)
        if begun and begun.place != place:
            raise ShellError(
                f"DATABASE_URL: this installation was moved to {begun.place}; for another place "
                "take it back first with `spotsms-bot migrate --undo`"
            )
        return begun


async def _copied(source: AsyncConnection, target: AsyncConnection, place: str) -> list[str]:
    """Copy, read both sides again, and say what was moved."""
    sums = await copy(source, target)
    if unlike := sums.unlike(await TableSums.of(target)):
        raise ShellError(f"the copy differs in {', '.join(unlike)}; nothing was moved")
    before = await differences(source)
    if before != await differences(target):
        raise ShellError("the copy's ledger adds up to something else; nothing was moved")
    rows = [f"{one.rows:>10}  {name}" for name, one in sums.items()]
    if before:
        ledger = f"The ledger has the same {len(before)} differences as before; see verify-ledger."
    else:
        ledger = "The ledger adds up on both sides."
    return [f"Moved to {place}, and compared row by row:", *rows, ledger]


async def _present(
    source: AsyncConnection, target: AsyncConnection, begun: Move | None, place: str
) -> Move:
    """Give the move that brought what the target holds, if that is still what the source holds."""
    brought = await moves.moved_from(target)
    is_this = brought is not None and (begun is None or begun.id == brought)
    if brought is None or not is_this:
        raise ShellError(f"--to: {place} holds another installation; name an empty database")
    if (await TableSums.of(source)).unlike(await TableSums.of(target)):
        raise ShellError(f"--to: {place} was used since this was moved there; nothing is changed")
    return Move(brought, place)


def _place(url: str) -> str:
    """Name a database without user, password and options."""
    parts = urlsplit(url)
    where = parse_qs(parts.query).get("host", ["the local socket"])[-1]
    host = parts.netloc.rpartition("@")[2] or where
    return f"{host}/{unquote(parts.path).strip('/')}"
