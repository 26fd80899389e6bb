"""What must be true: of every committed state, of everything in time, and at the end.

The rows are read from the file itself, over a connection of the harness's own; what they are held
against is the simulated provider's books and the simulated chats, never the bot's own word.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bot.domain.activation import OPEN, TRANSITIONS, State
from bot.workflows.outcome import NOT_CHARGED
from bot.workflows.rules import Rules
from tests.simulation.spotsms import Sale, SpotSmsWorld
from tests.simulation.storage import Gate
from tests.simulation.telegram_world import TOKEN, TelegramWorld

UNSETTLED = frozenset({State.REQUESTED, State.UNKNOWN})
GIVEN_BACK = frozenset({State.DECLINED, State.LOST, State.CANCELLED})
NUMBERED = frozenset(State) - UNSETTLED - {State.DECLINED, State.LOST}
WATCHED = (State.WAITING, State.CANCELLING)
DAY_MS = 86_400_000
ON_THE_SPOT = 0.1

Problems = Iterator[str]


class Books:
    """The bot's file, read by the harness."""

    def __init__(self, path: Path, rules: Rules) -> None:
        self._path = path
        self._rules = rules
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA query_only=ON")
        self._connection.row_factory = sqlite3.Row
        self._transition = 0
        self._version = 0
        self.steps: Counter[str] = Counter()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """Read."""
        return self._connection.execute(statement, values).fetchall()

    def after_commit(self) -> Problems:
        """Check what a transaction may have broken: it holds in every committed state."""
        yield from self._unwatched()
        fresh = self.rows("SELECT * FROM transitions WHERE id > ? ORDER BY id", self._transition)
        if not fresh:
            return
        self._transition = fresh[-1]["id"]
        for step in fresh:
            self.steps[f"{step['source'] or ''} -> {step['target']}"] += 1
            yield from self._step(step)
        steps = {step["activation_id"] for step in fresh}
        for chat_id in sorted({self._chat_of(activation_id) for activation_id in steps}):
            yield from self._limits(chat_id)

    def _unwatched(self) -> Problems:
        for row in self.rows(
            "SELECT id, state FROM activations WHERE next_poll_at IS NULL AND state IN (?, ?)",
            *WATCHED,
        ):
            yield f"activation {row['id']} is {row['state']} and nobody looks for its code"

    def _step(self, step: sqlite3.Row) -> Problems:
        source, target = step["source"], State(step["target"])
        name = f"activation {step['activation_id']}"
        if source and target not in TRANSITIONS[State(source)]:
            yield f"{name} went from {source} to {target}"
        if target is State.UNKNOWN:
            for owner in self._rules.owner_ids:
                if not self._has_notice(f"unknown:{step['activation_id']}:{owner}"):
                    yield f"{name} is unknown, and owner {owner} is not told"
        (row,) = self.rows("SELECT * FROM activations WHERE id = ?", step["activation_id"])
        yield from self._ledger(row)
        is_closed = row["state"] in {State.CANCELLED, State.EXPIRED}
        if is_closed and row["closed_at"] == step["at"] and row["next_poll_at"] is None:
            yield f"{name} is closed, and nobody looks for a code that crosses"

    def _ledger(self, row: sqlite3.Row) -> Problems:
        """What the chat pays and what is held follows from the state alone."""
        paid = held = 0
        for entry in self.rows("SELECT * FROM entries WHERE activation_id = ?", row["id"]):
            sign = {entry["source"]: 1, entry["target"]: -1}
            paid += sum(sign[name] for name in sign if name.startswith("chat:")) * entry["amount"]
            held -= sign.get("holds", 0) * entry["amount"]
        price = row["price"]
        if paid != (0 if row["state"] in GIVEN_BACK else price):
            yield f"activation {row['id']} ({row['state']}, price {price}): the chat pays {paid}"
        if held != (price if row["state"] in UNSETTLED else 0):
            yield f"activation {row['id']} ({row['state']}, price {price}): {held} is held"

    def _limits(self, chat_id: int) -> Problems:
        """What a chat pays and has open; its account before it became a supergroup included."""
        for row in self.rows(
            "WITH accounts AS (SELECT 'chat:' || id FROM chats WHERE ? IN (id, migrated_to))"
            " SELECT SUM(amount) AS spent"
            " FROM (SELECT amount, purchased_at / ? AS day FROM entries WHERE source IN accounts"
            " UNION ALL SELECT -amount, purchased_at / ? FROM entries WHERE target IN accounts)"
            " GROUP BY day HAVING spent > ? OR spent < 0",
            chat_id,
            DAY_MS,
            DAY_MS,
            self._rules.limits.daily,
        ):
            yield f"chat {chat_id} has spent {row['spent']} in a day"
        for row in self.rows(
            f"SELECT user_id, COUNT(*) AS open FROM activations"  # noqa: S608 - constants
            f" WHERE chat_id = ? AND state IN ({','.join('?' * len(OPEN))}) GROUP BY user_id"
            f" HAVING open > ?",
            chat_id,
            *sorted(OPEN),
            self._rules.limits.open_at_once,
        ):
            yield f"user {row['user_id']} has {row['open']} numbers open in {chat_id}"

    def _chat_of(self, activation_id: int) -> int:
        (row,) = self.rows("SELECT chat_id FROM activations WHERE id = ?", activation_id)
        return int(row["chat_id"])

    def _has_notice(self, key: str) -> bool:
        return bool(self.rows("SELECT 1 FROM outbox WHERE key = ?", key))

    def on_time(self, now: int, patience: int) -> Problems:
        """Check that nothing is left lying. `now` is the bot's own time; both are ms."""
        late = now - patience
        for what, statement in OVERDUE.items():
            for row in self.rows(statement, late):
                yield f"activation {row['id']} ({row['state']}): {what}"

    def against(self, provider: SpotSmsWorld) -> Problems:
        """Hold the books against the provider's."""
        calls = Counter(provider.calls)
        charges = Counter(sale.activation_id for sale in provider.sales)
        for activation_id, count in calls.items():
            if count > 1:
                yield f"getNumber was called {count} times for activation {activation_id}"
        for activation_id, count in charges.items():
            if count > 1:
                yield f"activation {activation_id} was charged {count} times"
        rows = {row["id"]: row for row in self.rows("SELECT * FROM activations")}
        booked = self._booked()
        for sale in provider.sales:
            row = rows.get(sale.activation_id)
            if row is None:
                yield f"a charge for activation {sale.activation_id}, which does not exist"
            else:
                yield from _sale_fits(
                    sale,
                    row,
                    booked.get(sale.activation_id),
                    is_priced=provider.price_was_steady(sale),
                )
        yield from _only_real_refunds(provider, booked)

    def at_the_end(self, provider: SpotSmsWorld, telegram: TelegramWorld) -> Problems:
        """Check that every code has arrived, that nothing came twice, and every cent is told."""
        yield from self.codes_kept(provider, provider.loop.time())
        yield from self._arrived(telegram)
        for row in self.rows("SELECT * FROM outbox WHERE status = 'failed'"):
            yield f"outbox row {row['id']} ({row['key']}) was given up: {row['problem']}"

    def balance_of(self, account: str) -> int:
        """Give the micro-dollars that left an account, less what came in."""
        (row,) = self.rows(
            "SELECT coalesce(sum(CASE source WHEN ? THEN amount ELSE -amount END), 0) AS sum"
            " FROM entries WHERE ? IN (source, target)",
            account,
            account,
        )
        return int(row["sum"])

    def codes_kept(self, provider: SpotSmsWorld, until: float) -> Problems:
        """Check that every code that was shown before `until` (virtual seconds) is kept."""
        kept = {(row["activation_id"], row["text"]) for row in self.rows("SELECT * FROM codes")}
        for sale in provider.sales:
            for at, text, gate in sale.shown:
                is_kept = (sale.activation_id, text) in kept
                if at <= until and not is_kept and not _nobody_could_keep(sale, at, text, gate):
                    yield f"activation {sale.activation_id}: {text} was shown at {at:.3f}, and lost"

    def _arrived(self, telegram: TelegramWorld) -> Problems:
        for row in self.rows(
            "SELECT codes.text, outbox.status, activations.user_id FROM codes"
            " JOIN activations ON activations.id = codes.activation_id"
            " LEFT JOIN outbox ON outbox.key = 'code:' || codes.id"
        ):
            token = TOKEN.findall(row["text"])[0]
            here = row["user_id"] in telegram.seen.get(token, ())
            gone = telegram.chats[row["user_id"]].refusal is not None
            if not here and not (gone and row["status"] == "parked"):
                yield f"code {token} of user {row['user_id']} is {row['status']}, and not there"

    def _booked(self) -> dict[int, sqlite3.Row]:
        """Give what each activation took from the provider's account and got refunded."""
        return {
            row["activation_id"]: row
            for row in self.rows(
                "SELECT activation_id,"
                " SUM(amount * ((target = 'provider') - (source = 'provider'))) AS taken,"
                " SUM(kind = 'refund') AS refunds"
                " FROM entries WHERE kind <> 'refund_seen' GROUP BY activation_id"
            )
        }

    def has_changed(self) -> bool:
        """Tell whether anything was committed since the last time that this was asked."""
        before = self._version
        ((self._version,),) = self.rows("PRAGMA data_version")
        return self._version != before


OVERDUE = {
    "not looked at": (
        "SELECT id, state FROM activations WHERE next_poll_at < ?"
        " AND state IN ('waiting', 'cancelling', 'received')"
    ),
    "its purchase was never settled": (
        "SELECT id, state FROM activations WHERE lease_until < ? AND state = 'requested'"
    ),
    "its cancellation is not asked for": (
        "SELECT id, state FROM activations WHERE cancel_at < ? - 150000"
        " AND state IN ('waiting', 'cancelling')"
    ),
    "past its time": (
        "SELECT id, state FROM activations WHERE expires_at < ? - 60000 AND state = 'waiting'"
    ),
    "watched to the end, not finished": (
        # The last look is one that was answered: some may fail first, half a minute apart.
        "SELECT id, state FROM activations WHERE watch_until < ? - 180000 AND state = 'received'"
    ),
}


def _sale_fits(
    sale: Sale, row: sqlite3.Row, booked: sqlite3.Row | None, *, is_priced: bool
) -> Problems:
    name = f"activation {row['id']} ({row['state']})"
    took_nothing = row["reason"] == NOT_CHARGED and sale.refunded_by_itself
    if row["state"] == State.DECLINED and not took_nothing:
        yield f"{name} was charged {sale.micros}"
    elif row["state"] in NUMBERED:
        if row["number"] != sale.purchase.number:
            yield f"{name} has another number than the one that it was charged for"
        elif is_priced and (taken := booked["taken"] if booked else 0) != sale.micros:
            yield f"{name} is booked at {taken}, was charged {sale.micros}"


def _only_real_refunds(provider: SpotSmsWorld, booked: dict[int, sqlite3.Row]) -> Problems:
    refunded = {sale.activation_id for sale in provider.sales if sale.purchase.refunded}
    for activation_id, amounts in booked.items():
        if amounts["refunds"] and activation_id not in refunded:
            yield f"activation {activation_id}: a refund that the provider never gave"


def _nobody_could_keep(sale: Sale, at: float, text: str, gate: Gate) -> bool:
    """The process died on the spot, and the provider shows a newer SMS by now."""
    return gate.closed_at - at < ON_THE_SPOT and sale.purchase.messages[-1][1] != text
