"""Processes on one database: their inboxes, and their replicas as the database knows them."""

from sqlalchemy import delete, func, insert, select

from bot.chat.intake import AnyInbox, Inbox
from bot.chat.shared_inbox import SharedInbox
from bot.storage.database import Database
from bot.storage.tables import lanes, replicas
from bot.workflows.clock import SteadyClock
from bot.workflows.replica import Replica


class Member(Replica):
    """One of several replicas; it lives and dies by the test's word."""

    is_alone = False

    def __init__(self, name: str) -> None:
        super().__init__()
        self.id = name
        self.lives = True

    @property
    def is_alive(self) -> bool:
        return self.lives


class Processes:
    """Starts and kills what has an inbox: on SQLite one after another, on PostgreSQL at will."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._count = 0
        self.members: dict[AnyInbox, Member] = {}

    async def start(self) -> AnyInbox:
        if self._database.is_sqlite:
            return Inbox(self._database, SteadyClock())
        return await self.join()

    async def join(self) -> SharedInbox:
        self._count += 1
        member = Member(f"member-{self._count}")
        inbox = SharedInbox(self._database, SteadyClock(), member)
        self.members[inbox] = member
        await self._enter(member)
        return inbox

    async def start_after_a_crash(self) -> AnyInbox:
        """Start one that finds what all others have left."""
        for inbox in list(self.members):
            await self.bury(inbox)
        return await self.start()

    async def bury(self, inbox: AnyInbox) -> None:
        """Do what others do when a lease is over: to the database the process is gone."""
        async with self._database.write() as connection:
            gone = replicas.c.id == self.members[inbox].id
            await connection.execute(delete(replicas).where(gone))

    async def renew(self, inbox: AnyInbox, name: str) -> None:
        """Let a process that was buried join again under another name."""
        self.members[inbox].id = name
        await self._enter(self.members[inbox])

    async def all_is_given_back(self) -> bool:
        """Tell whether nobody holds a lane."""
        async with self._database.read() as connection:
            return not await connection.scalar(select(func.count()).select_from(lanes))

    async def _enter(self, member: Member) -> None:
        async with self._database.write() as connection:
            row = {"id": member.id, "started_at": 0, "lease_until": 0}
            await connection.execute(insert(replicas).values(row))
