"""What must be true of updates: each is kept until it has had its effect, and has it once."""

from collections.abc import Iterator

from bot.chat.buttons import (
    AskOutcome,
    CancelNumber,
    Confirm,
    DecideAccess,
    DecideOutcome,
    Reveal,
    ShowNumber,
    ShowOutcome,
)
from bot.chat.codec import decode, encode
from bot.chat.scene import ANONYMOUS
from tests.simulation.chat_telegram import ChatTelegram, Sent
from tests.simulation.truth import Books, Problems
from tests.simulation.world import OWNERS

ANSWER = "answercallbackquery"
HARMLESS = {ANSWER, "getchatadministrators"}
ANSWER_SECONDS = 10.0
"""Every press is answered within this time from the moment its handler has it."""

OWNERS_ALONE = (DecideAccess, ShowOutcome, AskOutcome, DecideOutcome)


class ChatBooks:
    """Holds the inbox and what the bot did against what people have sent."""

    def __init__(self, books: Books, telegram: ChatTelegram) -> None:
        self._books = books
        self._telegram = telegram

    def is_stored(self, update_id: int) -> bool:
        """Tell whether the inbox has an update."""
        return bool(self._books.rows("SELECT 1 FROM inbox WHERE update_id = ?", update_id))

    def is_waiting(self, update_id: int) -> bool:
        """Tell whether an update is stored and not handled yet."""
        rows = self._books.rows("SELECT status FROM inbox WHERE update_id = ?", update_id)
        return bool(rows) and rows[0]["status"] == "waiting"

    def waiting(self, before: int | None = None) -> list[int]:
        """Give the updates that wait, those that arrived before a time of the bot (ms) alone."""
        rows = self._books.rows(
            "SELECT update_id FROM inbox WHERE status = 'waiting' AND received_at < ?",
            2**62 if before is None else before,
        )
        return [row["update_id"] for row in rows]

    def at_the_end(self) -> Problems:
        """Check every update: it was stored, and had its effect, once."""
        statuses = {row["update_id"]: row["status"] for row in self._books.rows(INBOX)}
        for sent in self._telegram.sent.values():
            status = statuses.get(sent.id)
            if status != "handled" and not (sent.is_broken and status == "broken"):
                yield f"update {sent.id} of {sent.by} ({sent.text or sent.data}) is {status}"
            elif not sent.is_broken:
                yield from self._had_its_effect(sent)
        yield from self._was_asked_for()

    def _had_its_effect(self, sent: Sent) -> Problems:
        what = f"update {sent.id} of {sent.by} ({sent.text or sent.data})"
        if not sent.ended:
            yield f"{what} is closed, and was never handled to its end"
            return
        last = max(sent.ended)
        calls = [method for number, method, _ in sent.calls if number == last]
        if sent.query:
            yield from _answered(sent, what, last)
            if self._is_foreign(sent) and (more := set(calls) - HARMLESS):
                yield f"{what} is somebody else's button, and led to {sorted(more)}"
        if sent.wants_answer and not any(one.startswith(("send", "edit")) for one in calls):
            yield f"{what} was not answered"

    def _is_foreign(self, sent: Sent) -> bool:
        """Tell whether somebody pressed what is not theirs to press."""
        button = decode(sent.data)
        owner = getattr(button, "owner", None)
        if isinstance(button, OWNERS_ALONE):
            return sent.by not in OWNERS
        if isinstance(button, Confirm):
            rows = self._books.rows("SELECT user_id FROM quotes WHERE id = ?", button.quote_id)
            owner = (rows[0]["user_id"] or ANONYMOUS) if rows else None
        if isinstance(button, Reveal | ShowNumber):
            owner = self._buyer(button.activation_id)
        if isinstance(button, CancelNumber):
            owner = self._buyer(button.activation_id)
            return sent.by != owner and not self._is_admin(sent)
        if owner == ANONYMOUS:
            return not self._is_admin(sent)
        return owner is not None and owner != sent.by

    def _is_admin(self, sent: Sent) -> bool:
        return sent.by in self._telegram.admins.get(sent.chat_id, ())

    def _buyer(self, activation_id: int) -> int:
        rows = self._books.rows("SELECT user_id FROM activations WHERE id = ?", activation_id)
        return int(rows[0]["user_id"]) if rows else -1

    def _was_asked_for(self) -> Problems:
        """A purchase was confirmed by its buyer, a cancellation was asked for by who may."""
        pressed = {(sent.by, sent.data) for sent in self._telegram.sent.values() if sent.data}
        for row in self._books.rows("SELECT * FROM activations"):
            name = f"activation {row['id']} of user {row['user_id']}"
            if (row["user_id"], encode(Confirm(row["quote_id"]))) not in pressed:
                yield f"{name} was bought, and its buyer never confirmed it"
            if row["cancel_reason"] in {"buyer", "admin"} and row["id"] not in set(
                self._given_back(row["user_id"], is_own=row["cancel_reason"] == "buyer")
            ):
                yield f"{name} was cancelled ({row['cancel_reason']}), and nobody asked for it"

    def _given_back(self, buyer: int, *, is_own: bool) -> Iterator[int]:
        """Give the activations that the buyer, or an admin, has asked to be cancelled."""
        everything = [row["id"] for row in self._books.rows("SELECT id FROM activations")]
        for sent in self._telegram.sent.values():
            if not (sent.by == buyer if is_own else self._is_admin(sent)):
                continue
            button = decode(sent.data)
            if isinstance(button, CancelNumber):
                yield button.activation_id
            elif sent.text.startswith("/cancel"):
                named = sent.text.removeprefix("/cancel").strip(" #")
                yield from [int(named)] if named.isdecimal() else everything


INBOX = "SELECT update_id, status FROM inbox"


def _answered(sent: Sent, what: str, process: int) -> Problems:
    times = [at for number, method, at in sent.calls if (number, method) == (process, ANSWER)]
    if len(times) != 1:
        yield f"{what}: the press was answered {len(times)} times"
    elif times[0] > sent.begun[process] + ANSWER_SECONDS:
        yield f"{what}: the press was answered after {times[0] - sent.begun[process]:.1f} s"
