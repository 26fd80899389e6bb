"""The six calls of SpotSMS (spotsms-api.txt), each with one outcome or one error."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import quote

from bot.domain.catalogue import Country, Service
from bot.provider.catalogue import read_countries, read_services
from bot.provider.errors import NotSent, OutcomeUnknown, TooFrequent
from bot.provider.refusals import cancel_error_of, error_of, is_cancelled, purchase_error_of
from bot.provider.transport import (
    MEGABYTE,
    NEVER_SENT,
    Reply,
    exchange,
    reading_client,
    spending_client,
)
from bot.provider.wire import (
    OK,
    Answer,
    Balance,
    BoughtNumber,
    read_answer,
    read_balance,
    read_message,
    read_number,
)

MAX_CATALOGUE: Final = 8 * MEGABYTE
LARGE: Final = 50_000
"""Bytes; a larger answer is read in a thread, so that nobody's code waits for it ..."""
NO_SMS_YET: Final = frozenset({404, 906, 908})
REAL_REFUSALS: Final = frozenset({401, 409, 429})
TOO_MANY_REQUESTS: Final = 429
MAX_CODES_LOGGED: Final = 50

Value = TypeVar("Value")

_reads: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answers")
"""... and one after the other: several threads at once would leave it no time."""

logger = logging.getLogger(__name__)


class SpotSms:
    """SpotSMS over HTTP. Use it as an async context manager, which closes its connections.

    Every call raises a `ProviderError` and nothing else. A cancelled task's `CancelledError`
    passes through; the call may have had its effect by then.

    Args:
        url: the one URL of the interface.
        api_key: goes out in the query, and nowhere else.
        timeout: seconds that a reading, a cancel, or connecting for a purchase may take.
        poll_connections: how many readings may be open at once; more wait for their turn.
    """

    def __init__(
        self, url: str, api_key: str, *, timeout: float, poll_connections: int = 100
    ) -> None:
        for name in ("httpx", "httpcore"):  # they log every URL, which holds the key
            logging.getLogger(name).setLevel(logging.WARNING)
        self._spending = spending_client(timeout)
        self._reading = reading_client(poll_connections)
        self._address = f"{url}{'&' if '?' in url else '?'}"
        self._signature = f"&apikey={quote(api_key, safe='')}"
        self._key = api_key
        self._timeout = timeout
        self._logged_codes: set[int] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._reading.aclose()
        await self._spending.aclose()

    async def services(self) -> list[Service]:
        """Give everything that is sold (spotsms-api.txt §1); a broken item is left out.

        Raises:
            Declined: or one of its kinds.
            OutcomeUnknown: it failed; ask again later.
        """
        return await self._read_successfully(read_services, "services")

    async def countries(self, pid: str) -> list[Country]:
        """Give where an offer's numbers come from (spotsms-api.txt §2), stock 0 included.

        Raises:
            Declined: or one of its kinds.
            OutcomeUnknown: it failed; ask again later.
        """
        return await self._read_successfully(read_countries, "countries", pid=pid)

    async def balance(self) -> Balance:
        """Give the money left (spotsms-api.txt §6), in micro-dollars.

        Raises:
            Declined: or one of its kinds.
            OutcomeUnknown: it failed; ask again later.
        """
        return await self._read_successfully(read_balance, "balance")

    async def get_number(self, pid: str, country: str, *, deadline: float) -> BoughtNumber:
        """Buy one number (spotsms-api.txt §3). It costs money: call it once per confirmation.

        Args:
            pid: the offer.
            country: as the catalogue spells it.
            deadline: seconds that the whole call may take; a late answer within them counts.

        Raises:
            NotSent: nothing was bought; this alone allows another try.
            Declined: nothing was bought (`NoNumbers`, `InsufficientBalance`, ...).
            OutcomeUnknown: a number may have been bought.
        """
        read = partial(self._number_in, pid)
        return await self._spend(deadline, read, "getNumber", pid=pid, cuy=country, num="1")

    async def get_message(self, number: str, pid: str, rs_id: str | None) -> str | None:
        """Give the SMS that a number got (spotsms-api.txt §4), or None while there is none.

        A code that is not documented means none yet, and is logged the first time.

        Args:
            number: as `get_number` spelled it.
            pid: the `pid_used` of the purchase.
            rs_id: the activation, if the provider gave one.

        Raises:
            Unauthorized: the key is wrong.
            TooFrequent: ask less often.
            OutcomeUnknown: it failed; ask again later.
        """
        return await self._read(self._message_in, "getMsg", pn=number, pid=pid, rsid=rs_id or "")

    async def cancel(self, rs_id: str) -> None:
        """Give a number back for its price (spotsms-api.txt §5).

        Args:
            rs_id: the activation.

        Raises:
            NotSent: nothing changed.
            TooEarly: refused for now; `retry_after` says until when, if it is known.
            AlreadyCancelled: it was given back before.
            Declined: refused (`NotFound`, ...).
            OutcomeUnknown: it may have been cancelled; asking again does no harm.
        """
        await self._spend(self._timeout, self._require_cancelled, "cancelRsActivation", rsid=rs_id)

    async def _spend(
        self, deadline: float, read: Callable[[Answer], Value], action: str, **params: str
    ) -> Value:
        reply = await exchange(
            self._spending,
            self._url_of(action, params),
            seconds=deadline,
            max_bytes=MEGABYTE,
            never_sent=NEVER_SENT,
        )
        return await _understood(reply, lambda: read(_answer_in(reply)))

    async def _read(self, read: Callable[[Answer], Value], action: str, **params: str) -> Value:
        reply = await exchange(
            self._reading,
            self._url_of(action, params),
            seconds=self._timeout,
            max_bytes=MAX_CATALOGUE if action == "services" else MEGABYTE,
        )
        return await _understood(reply, lambda: read(_answer_to_reading_in(reply)))

    async def _read_successfully(
        self, read: Callable[[Answer], Value], action: str, **params: str
    ) -> Value:
        return await self._read(partial(self._successful, read), action, **params)

    def _successful(self, read: Callable[[Answer], Value], answer: Answer) -> Value:
        if not answer.is_success:
            raise error_of(answer, self._key)
        return read(answer)

    def _number_in(self, pid: str, answer: Answer) -> BoughtNumber:
        if (bought := read_number(answer, pid)) is None:
            raise purchase_error_of(answer, self._key)
        return bought

    def _message_in(self, answer: Answer) -> str | None:
        if answer.code == OK:
            return read_message(answer)
        if answer.code in REAL_REFUSALS or answer.is_server_error:
            raise error_of(answer, self._key)
        if answer.code not in NO_SMS_YET:
            self._log_once(answer.code)
        return None

    def _require_cancelled(self, answer: Answer) -> None:
        if not is_cancelled(answer):
            raise cancel_error_of(answer, self._key)

    def _url_of(self, action: str, params: dict[str, str]) -> str:
        """Give the URL of a call, everything in it percent-encoded (`+` of a number above all)."""
        try:
            query = "".join(f"&{name}={quote(value, safe='')}" for name, value in params.items())
        except ValueError as error:
            raise NotSent(type(error).__name__) from None
        return f"{self._address}action={action}{query}{self._signature}"

    def _log_once(self, code: int) -> None:
        if code not in self._logged_codes and len(self._logged_codes) < MAX_CODES_LOGGED:
            self._logged_codes.add(code)
            logger.warning("getMsg answers with code %d, taken as no SMS yet", code)


async def _understood(reply: Reply, read: Callable[[], Value]) -> Value:
    if len(reply.body) <= LARGE:
        return read()
    return await asyncio.get_running_loop().run_in_executor(_reads, read)


def _answer_in(reply: Reply) -> Answer:
    return read_answer(reply.status, reply.body, reply.retry_after)


def _answer_to_reading_in(reply: Reply) -> Answer:
    try:
        return _answer_in(reply)
    except OutcomeUnknown:
        if reply.status == TOO_MANY_REQUESTS:  # whatever a front server says with it
            raise TooFrequent(reply.status, retry_after=reply.retry_after) from None
        raise
