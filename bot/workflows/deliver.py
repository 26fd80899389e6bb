"""Deliver: drain the outbox, most urgent first, within Telegram's limits, at least once."""

import asyncio
import logging

from bot.workflows.ports import (
    Messenger,
    Pacer,
)

log = logging.getLogger(__name__)

SENDS_AT_ONCE = 64
RETRY_FIRST_SECONDS = 1.0
RETRY_MOST_SECONDS = 30.0
CHATS_THAT_MAKE_AN_OUTAGE = 2
STOP_SECONDS = 3.0


class Delivery:
    """Sends what the outbox holds. One chat's trouble delays no other chat."""

    def __init__(self, kit: Kit, messenger: Messenger, pacer: Pacer) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._signals = kit.signals
        self._meter = kit.meter
        self._messenger = messenger
        self._pacer = pacer
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._held_until: dict[int, int] = {}
        self._failing: set[int] = set()
        self._outages = 0
        self._all_held_until = 0
