"""The marks that a move into another database leaves in both."""

from dataclasses import asdict, dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import installation

MOVED_TO, MOVED_FROM = "moved_to", "moved_from"


@dataclass(frozen=True, slots=True)
class Move:
    """A move; both sides know its id.

    Attributes:
        place: where to, in words for the operator, without a password.
        is_over: the other side is known to hold everything.
    """

    id: str
    place: str
    is_over: bool = False


async def moved_to(connection: AsyncConnection) -> Move | None:
    """Give the move that took this installation away, or was about to take it."""
    value = await installation.get(connection, MOVED_TO)
    return Move(**value) if value else None


async def moved_from(connection: AsyncConnection) -> str | None:
    """Give the id of the move that brought this installation here."""
    value = await installation.get(connection, MOVED_FROM)
    return str(value["id"]) if value else None


async def leave(connection: AsyncConnection, move: Move, at: int) -> None:
    """Mark an installation as moved away (epoch ms): no bot starts on it any more."""
    await installation.put(connection, MOVED_TO, asdict(move), at)


async def arrive(connection: AsyncConnection, move: Move, at: int) -> None:
    """Mark an installation as the one that was brought (epoch ms)."""
    await installation.put(connection, MOVED_FROM, {"id": move.id}, at)


async def come_back(connection: AsyncConnection) -> None:
    """Let bots start again on what was moved away."""
    await installation.remove(connection, MOVED_TO)
