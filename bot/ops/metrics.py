"""Metrics for Prometheus, each declared once."""

import logging

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from bot.storage.totals import Totals

log = logging.getLogger(__name__)

PREFIX = "spotsms_bot"
LATENESS_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

COUNTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "purchases": ("Purchases that were settled, by outcome.", ("outcome",)),
    "cancellations": ("Cancellations that were settled, by outcome.", ("outcome",)),
    "reconciled": ("Unknown outcomes that were settled, and who settled them.", ("outcome", "by")),
    "polls": ("Looks for a code at the provider, by result.", ("result",)),
    "codes": ("Codes that came in.", ()),
    "deliveries": ("Notices that left the outbox, by result.", ("result",)),
    "telegram_floods": ("Times that Telegram told the bot to slow down (429).", ()),
    "updates": ("Updates from Telegram, by result.", ("result",)),
}
"""What the code counts (`Meter.count`): name, help, labels."""

HISTOGRAMS: dict[str, str] = {
    "poll_lateness_seconds": "How late after its time a look for a code began.",
}
"""What the code measures (`Meter.observe`)."""

GAUGES: dict[str, str] = {
    "open_activations": "Activations that are open.",
    "outbox_pending": "Notices that wait to be sent.",
    "outbox_parked": "Notices whose chat cannot be reached.",
    "inbox_waiting": "Updates that wait to be handled.",
}
"""What the database says when the metrics are read."""


class Metrics:
    """The `Meter` of the workflows, and what `/metrics` shows. A wrong name harms nothing."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._counters = {
            name: Counter(f"{PREFIX}_{name}", text, labels, registry=self.registry)
            for name, (text, labels) in COUNTERS.items()
        }
        self._histograms = {
            name: Histogram(
                f"{PREFIX}_{name}", text, buckets=LATENESS_BUCKETS, registry=self.registry
            )
            for name, text in HISTOGRAMS.items()
        }
        self._gauges = {
            name: Gauge(f"{PREFIX}_{name}", text, registry=self.registry)
            for name, text in GAUGES.items()
        }

    def count(self, name: str, **labels: str) -> None:
        """Count one of `COUNTERS`."""
        try:
            counter = self._counters[name]
            (counter.labels(**labels) if labels else counter).inc()
        except (KeyError, ValueError):
            log.exception("there is no counter %s with labels %s", name, sorted(labels))

    def observe(self, name: str, value: float) -> None:
        """Note a value of one of `HISTOGRAMS`."""
        try:
            self._histograms[name].observe(value)
        except KeyError:
            log.exception("there is no histogram %s", name)

    def show(self, totals: Totals) -> None:
        """Set the gauges."""
        for name, gauge in self._gauges.items():
            gauge.set(getattr(totals, name))

    def text(self) -> bytes:
        """Give all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
