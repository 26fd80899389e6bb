"""Look less often at a number of which the provider says that it is looked at too often."""

from typing import Final

FIRST_SHARE: Final = 0.5
GROWTH: Final = 1.5
DECAY: Final = 0.8
MOST_SECONDS: Final = 20.0
LEAST_SHARE: Final = 0.05


class Slower:
    """What is added to the interval of single numbers: more with each refusal, then ever less.

    Args:
        interval: seconds between two looks at a number.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._extra: dict[int, float] = {}

    def refused(self, activation_id: int, retry_after: float | None = None) -> None:
        """Note that a look was too frequent; `retry_after` is what the provider asks for (s)."""
        grown = max(self._extra.get(activation_id, 0.0) * GROWTH, self._interval * FIRST_SHARE)
        asked = (retry_after or 0.0) - self._interval
        self._extra[activation_id] = min(max(grown, asked), MOST_SECONDS)

    def answered(self, activation_id: int) -> None:
        """Note that a look was answered: the next ones may be a little closer together."""
        extra = self._extra.pop(activation_id, 0.0) * DECAY
        if extra > self._interval * LEAST_SHARE:
            self._extra[activation_id] = extra

    def extra_ms(self, activation_id: int) -> int:
        """Give what to add to a number's interval."""
        return round(self._extra.get(activation_id, 0.0) * 1000)

    def forget(self, activation_id: int) -> None:
        """Let go of a number that is looked at no more."""
        self._extra.pop(activation_id, None)
