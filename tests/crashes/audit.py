"""The sandbox's truth against the bot's books."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Container
from decimal import Decimal

from bot.sandbox.spotsms import SpotSmsSandbox
from bot.sandbox.telegram import TelegramSandbox
from tests.crashes.crowd import Crowd

MICROS = 1_000_000
WITH_NUMBER = {"waiting", "received", "finished", "cancelling", "cancelled", "expired"}
MAYBE_CHARGED = {"unknown", "lost"}
DEPENDS_ON_PRICE = {"price_difference", "refund_difference", "refund_seen"}

Rows = Callable[[str], list[sqlite3.Row]]


class Audit:
    """Finds every way in which a promise was broken."""

    def __init__(
        self,
        rows: Rows,
        spotsms: SpotSmsSandbox,
        telegram: TelegramSandbox,
        crowd: Crowd,
        owner_id: int,
    ) -> None:
        self._rows = rows
        self._spotsms = spotsms
        self._telegram = telegram
        self._crowd = crowd
        self._owner_id = owner_id
        self.told_twice = 0

    def unfinished(self) -> list[str]:
        """Tell what the bot still has to do."""
        questions = {
            "updates wait": "select count(*) from inbox where status = 'waiting'",
            "messages wait": "select count(*) from outbox where status = 'pending'"
            " and kind in ('card', 'code', 'unknown', 'expired')",
            "purchases are open": "select count(*) from activations where state = 'requested'",
            "cancellations are open": "select count(*) from activations where state = 'cancelling'",
        }
        counts = {words: self._rows(query)[0][0] for words, query in questions.items()}
        found = [f"{count} {words}" for words, count in counts.items() if count]
        found += [
            f"{row['kind']} of {row['chat_id']} waits ({row['attempts']}, {row['problem']})"
            for row in self._rows("select * from outbox where status = 'pending' limit 9")
            if found
        ]
        if self._telegram.updates.pending:
            found.append(f"{len(self._telegram.updates.pending)} updates are not fetched")
        return found + [f"code {code} is not told" for code in self._untold()]

    def problems(self, kills: int) -> list[str]:
        """Tell everything that is wrong once nothing is unfinished."""
        activations = self._rows("select * from activations")
        return [
            *self._charges(activations),
            *self._refunds(activations),
            *self._ledger(activations),
            *self._codes(kills),
            *self._alerts(activations),
            *self._updates(),
        ]

    def states(self) -> dict[str, int]:
        """Count the activations by state."""
        counted = self._rows("select state, count(*) from activations group by state")
        return {row[0]: row[1] for row in counted}

    def _charges(self, activations: list[sqlite3.Row]) -> list[str]:
        """Each charge is an activation's, or one of those whose outcome is unknown."""
        known = {self._key(row["rs_id"], row["number"]) for row in activations if row["number"]}
        truth = {self._key(one.rs_id, one.number): one for one in self._spotsms.purchases}
        found = [f"a number that was never sold: activation {key}" for key in known - set(truth)]
        unlinked = Counter(truth[key].asked_pid for key in set(truth) - known)
        maybe = Counter(row["pid"] for row in activations if row["state"] in MAYBE_CHARGED)
        found += [
            f"{count} charges for {pid} without an activation, {maybe[pid]} are unknown"
            for pid, count in unlinked.items()
            if count > maybe[pid]
        ]
        asked = len(self._spotsms.calls_of("getNumber"))
        if asked > len(activations):
            found.append(f"{asked} purchases were asked for by {len(activations)} confirmations")
        return found

    def _refunds(self, activations: list[sqlite3.Row]) -> list[str]:
        truth = {self._key(one.rs_id, one.number): one for one in self._spotsms.purchases}
        found = []
        for row in activations:
            purchase = truth.get(self._key(row["rs_id"], row["number"]))
            if purchase and purchase.refunded != (row["state"] == "cancelled"):
                found.append(f"activation {row['id']} is {row['state']}, refund: {purchase.state}")
        return found

    def _ledger(self, activations: list[sqlite3.Row]) -> list[str]:
        entries: dict[int, dict[str, int]] = {}
        for row in self._rows("select * from entries where activation_id is not null"):
            entries.setdefault(row["activation_id"], {})[row["kind"]] = row["amount"]
        found = []
        for row in activations:
            kinds = set(entries.get(row["id"], {})) - DEPENDS_ON_PRICE
            wanted = {"hold"}
            if row["state"] in WITH_NUMBER:
                wanted |= {"post"}
            if row["state"] == "cancelled":
                wanted |= {"refund"}
            if row["state"] == "declined":
                wanted |= {"void"}
            if row["state"] != "lost" and kinds != wanted:
                found.append(f"activation {row['id']} is {row['state']} with {sorted(kinds)}")
        return found + self._sums(activations)

    def _sums(self, activations: list[sqlite3.Row]) -> list[str]:
        """What is booked for known numbers, differences included, is what the provider took.

        The same goes for what it gave back.
        """
        truth = {self._key(one.rs_id, one.number): one for one in self._spotsms.purchases}
        keys = {row["id"]: self._key(row["rs_id"], row["number"]) for row in activations}
        known = {number: truth[key] for number, key in keys.items() if key in truth}
        charged = sum((one.price for one in known.values()), Decimal(0)) * MICROS
        refunded = sum((one.price for one in known.values() if one.refunded), Decimal(0)) * MICROS
        posted = -self._booked("provider", ("post", "price_difference"), known)
        given_back = self._booked("refunds_due", ("refund", "refund_difference"), known)
        found = []
        if posted != charged:
            found.append(f"posted {posted} micro-dollars, charged {charged}")
        if given_back != refunded:
            found.append(f"gave back {given_back} micro-dollars, got {refunded}")
        return found

    def _booked(self, account: str, kinds: tuple[str, str], numbers: Container[int]) -> int:
        """Add up what an account gave, less what it got."""
        entries = self._rows(f"select * from entries where kind in {kinds}")  # noqa: S608 - ours
        return sum(
            row["amount"] * (1 if row["source"] == account else -1)
            for row in entries
            if row["activation_id"] in numbers
        )

    def _codes(self, kills: int) -> list[str]:
        found = []
        for code, (_, user_id) in self._crowd.codes.items():
            for person in self._crowd.people:
                times = len(self._pushed(code, person.user_id))
                if times and person.user_id != user_id:
                    found.append(f"code {code} was told to somebody else")
                self.told_twice += max(0, times - 1)
        if self.told_twice > 2 * kills:
            found.append(f"{self.told_twice} codes were told twice in {kills} lives")
        return found

    def _alerts(self, activations: list[sqlite3.Row]) -> list[str]:
        """The owner hears of every unknown outcome; what Telegram's pace leaves waits."""
        told = self._telegram.messages_to(self._owner_id)
        heard = sum("unknown" in one["text"].lower() for one in told)
        waiting = self._rows(
            "select count(*) from outbox where kind = 'unknown_owner' and status = 'pending'"
        )[0][0]
        unknown = [row for row in activations if row["state"] == "unknown"]
        if heard + waiting < len(unknown):
            return [f"{len(unknown)} outcomes are unknown, the owner was told of {heard}"]
        return []

    def _updates(self) -> list[str]:
        """Everything that Telegram handed over was kept, and handled."""
        status = {row[0]: row[1] for row in self._rows("select update_id, status from inbox")}
        return [
            f"update {update_id} is {status.get(update_id, 'lost')}"
            for update_id in self._telegram.updates.history
            if status.get(update_id) != "handled"
        ]

    def _untold(self) -> list[str]:
        """Give the codes of numbers that the bot knows and that are not in the buyer's chat."""
        rows = self._rows("select rs_id, number from activations where number is not null")
        known = {self._key(row["rs_id"], row["number"]) for row in rows}
        return [
            code
            for code, (purchase, user_id) in self._crowd.codes.items()
            if self._key(purchase.rs_id, purchase.number) in known
            and not self._pushed(code, user_id)
        ]

    def _pushed(self, code: str, user_id: int) -> list[object]:
        return [
            one
            for one in self._telegram.messages_to(user_id)
            if one["text"].startswith("🔑") and code in one["text"]
        ]

    @staticmethod
    def _key(rs_id: str | None, number: str | None) -> tuple[str | None, str | None]:
        return rs_id, number
