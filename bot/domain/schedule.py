"""When a number is looked at again, whatever state it is in. Times are epoch ms."""

from collections.abc import Callable
from typing import Final, NamedTuple

from bot.domain.activation import State
from bot.domain.plans import Plans
from bot.domain.polling import SLOWER_AFTER_CODE, Pace, Plan

LAST_LOOK_PATIENCE_SECONDS: Final = 3600.0
"""For how long past its end a number is looked at until the provider has answered once more."""

SPREAD_SHARE: Final = 0.1
"""Of an interval, so much later is looked again at most what was due long ago."""


class Look(NamedTuple):
    """A number that is due to be looked at: of its activation, what a look and its plan need.

    Attributes:
        id: the activation's.
        poll_pid: the pid to look with.
        due_at: when it was to be looked at.
        watch_until: when looking ends in the present state, None: with the state.
    """

    id: int
    number: str | None
    poll_pid: str
    rs_id: str | None
    service_id: str
    country_code: str
    state: str
    bought_at: int | None
    due_at: int
    watch_until: int | None


class Schedule:
    """Plans looks: by what was learned while a number waits for its code, else by the interval."""

    def __init__(self, pace: Pace, plans: Plans, random: Callable[[], float]) -> None:
        self._interval = round(pace.interval * 1000)
        self._floor = round(pace.floor * 1000)
        self._slow_interval = round(pace.interval * SLOWER_AFTER_CODE * 1000)
        self._patience = round(LAST_LOOK_PATIENCE_SECONDS * 1000)
        self._plans = plans
        self._random = random

    def first(self, service_id: str, country_code: str, bought_at: int) -> int:
        """Give when to look first: a random phase spreads what was bought together."""
        phase = self._random()
        plan = self._plans.of(service_id, country_code)
        if plan is None:
            return bought_at + round(self._interval * phase)
        return bought_at + round(plan.following(0.0, phase) * 1000)

    def following(self, look: Look, at: int) -> int | None:
        """Give when to look again after a look at a time, None: never.

        Looks end when one past `watch_until` was answered, or where that does not happen for long.
        """
        if look.watch_until is not None and look.watch_until <= at:
            is_over = look.watch_until <= at - self._patience
            return None if is_over else at + self._interval
        if look.state == State.RECEIVED:
            slower = at + self._slow_interval
            return slower if look.watch_until is None else min(slower, look.watch_until)
        # What was due long ago was so together with much else: it drifts apart again.
        is_late = at - look.due_at > self._interval
        looks = 1.0 + SPREAD_SHARE * self._random() if is_late else 1.0
        if (plan := self._plan(look)) is None or look.bought_at is None:
            return at + round(self._interval * looks)
        age = max(0, at - look.bought_at) / 1000
        return at + max(self._floor, round((plan.following(age, looks) - age) * 1000))

    def least_gap(self, look: Look) -> int:
        """Give how many ms lie between two looks at least."""
        return self._interval if self._plan(look) is None else self._floor

    def _plan(self, look: Look) -> Plan | None:
        if look.state != State.WAITING:
            return None
        return self._plans.of(look.service_id, look.country_code)
