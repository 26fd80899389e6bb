"""What goes wrong, how often, and how often it did."""

import random
from collections import Counter
from dataclasses import dataclass, field

CALM, ROUGH, STORM = "calm", "rough", "storm"

PURCHASE_FAULTS = {
    "not sent": 3,
    "dropped before charging": 3,
    "dropped after charging": 4,
    "silent, not charged": 2,
    "silent, charged": 2,
    "slow": 5,
    "very slow": 3,
    "garbage, charged": 2,
    "500, not charged": 2,
    "500, charged": 2,
    "200 without a number, charged": 1,
    "another's number, charged": 1,
    "too frequent": 2,
}
LOOK_FAULTS = {"dropped": 4, "500": 3, "garbage": 2, "too frequent": 1, "slow": 6}
CANCEL_FAULTS = {
    "not sent": 3,
    "dropped before": 4,
    "dropped after": 5,
    "silent, done": 2,
    "500, not done": 2,
    "500, done": 2,
    "garbage, done": 1,
    "too frequent": 2,
    "refused for good": 2,
    "slow": 3,
}
READ_FAULTS = {"dropped": 5, "500": 2, "slow": 3}
TELEGRAM_FAULTS = {
    "dropped before accepting": 3,
    "dropped after accepting": 3,
    "flood": 2,
    "500": 1,
    "slow": 3,
}
RATES = {CALM: 0.0, ROUGH: 0.04, STORM: 0.15}


@dataclass
class Weather:
    """Draws faults from one seed. `kind` may change while the simulation runs."""

    random: random.Random
    kind: str = CALM
    fired: Counter[str] = field(default_factory=Counter)
    forced: dict[str, list[str]] = field(default_factory=dict)
    provider_is_down: bool = False
    key_is_refused: bool = False
    telegram_is_down: bool = False

    def draw(self, where: str, faults: dict[str, int]) -> str | None:
        """Give the fault that this call meets, if any."""
        if self.forced.get(where):
            return self.note(where, self.forced[where].pop(0))
        if self.random.random() >= RATES[self.kind]:
            return None
        names = list(faults)
        return self.note(where, self.random.choices(names, [faults[name] for name in names])[0])

    def note(self, where: str, what: str) -> str:
        """Count something that happened."""
        self.fired[f"{where}: {what}"] += 1
        return what

    def seconds(self, least: float, most: float) -> float:
        """Give a duration."""
        return self.random.uniform(least, most)
