"""The buttons of statistics, history, exports and forgetting: ids, filters, nothing to trust."""

from typing import Final

from bot.chat.codec import Button, Flag, Natural, Page, Reference, Word, button

EVERY: Final = "-"
"""Stands for every service: no id of the provider's is only a dash."""


@button("st")
class ShowStatistics(Button):
    """Draw another window of time, or in the other colours.

    `owner` is who may press (0: an anonymous admin), `user_id` whose purchases (0: all that they
    may see).
    """

    owner: Natural
    user_id: Natural
    window: Word
    dark: Flag


@button("hf")
class FilterHistory(Button):
    """Show a page of what somebody bought: of an outcome, a window of time, a service."""

    owner: Natural
    outcome: Word = "any"
    window: Word = "all"
    service: Reference = EVERY
    page: Page = 0


@button("hs")
class ChooseService(Button):
    """Ask which service the history is to show."""

    owner: Natural
    outcome: Word
    window: Word


@button("f")
class Forget(Button):
    """Erase what is stored about whoever presses; asked once before."""

    owner: Natural
