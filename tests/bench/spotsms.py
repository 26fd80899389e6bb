"""A SpotSMS that costs next to nothing, and notes when it was asked for which number."""

import asyncio
import json
import time
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

NO_SMS: bytes = b'{"code":404,"msg":"No SMS yet"}'
SERVICES, COUNTRIES = 300, 60


def _listed(items: list[dict[str, object]]) -> bytes:
    return json.dumps({"code": 200, "data": items}).encode()


CATALOGUE = _listed(
    [
        {"id": f"{number:04d}", "name": f"Service {number}", "price": "0.0800"}
        for number in range(SERVICES)
    ]
)
STOCK = _listed(
    [
        {"code": f"{chr(97 + number // 26)}{chr(97 + number % 26)}", "name": f"Country {number}",
         "count": "100"}
        for number in range(COUNTRIES)
    ]
)  # fmt: skip


@dataclass(slots=True)
class Looks:
    """When numbers were looked at: seconds of `time.monotonic`, one entry for each look.

    Attributes:
        at: when.
        gaps: seconds since the look before at the same number; -1 for its first.
        last: the newest look at each number.
    """

    at: "array[float]" = field(default_factory=lambda: array("d"))
    gaps: "array[float]" = field(default_factory=lambda: array("d"))
    last: dict[str, float] = field(default_factory=dict)

    def note(self, number: str) -> None:
        """Count a look at a number now."""
        now = time.monotonic()
        self.at.append(now)
        self.gaps.append(now - self.last[number] if number in self.last else -1.0)
        self.last[number] = now

    def lateness(self, interval: float, since: float, until: float) -> list[float]:
        """Give by how many seconds each look was late, sorted.

        A number that was not looked at again in time counts with what it is late already.
        """
        first, end = bisect_left(self.at, since), bisect_left(self.at, until)
        late = [gap - interval for gap in self.gaps[first:end] if gap >= 0]
        late += [until - last - interval for last in self.last.values() if until - last > interval]
        return sorted(late)

    def per_second(self, since: float, until: float) -> int:
        """Give the most looks in one second of a time."""
        return max(Counter(int(at) for at in self.at if since <= at < until).values(), default=0)


class LightSpotSms:
    """Answers as spotsms-api.txt says. Set `delay` (s) to let it take its time.

    Attributes:
        codes: for each number when its SMS came (s, monotonic) and the code in it.
    """

    def __init__(self, delay: float = 0.0) -> None:
        self.looks = Looks()
        self.codes: dict[str, tuple[float, str]] = {}
        self._delay = delay

    def send_sms(self, number: str, code: str) -> None:
        """Let a number get its SMS now."""
        self.codes[number] = (time.monotonic(), code)

    def handle(self, target: str, _: bytes) -> bytes | Awaitable[bytes]:
        """Answer a request."""
        query = parse_qs(urlsplit(target).query)
        answer = self._answer(query)
        return self._later(answer) if self._delay else answer

    def _answer(self, query: dict[str, list[str]]) -> bytes:
        match query["action"]:
            case ["getMsg"]:
                return self._message(query["pn"][0])
            case ["services"]:
                return CATALOGUE
            case ["countries"]:
                return STOCK
            case ["balance"]:
                return b'{"code":200,"balance":"1000.00"}'
            case _:
                return b'{"code":404,"msg":"Not found"}'

    def _message(self, number: str) -> bytes:
        if number in self.codes:
            self.looks.last.pop(number, None)  # from now on it may be looked at less often
            return json.dumps(
                {"code": 200, "data": f"Your code is {self.codes[number][1]}"}
            ).encode()
        self.looks.note(number)
        return NO_SMS

    async def _later(self, answer: bytes) -> bytes:
        await asyncio.sleep(self._delay)
        return answer
