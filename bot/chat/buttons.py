"""The buttons of the dialogue, of cards and lists, and of what the owner is asked.

Each carries all that its press needs, as ids; no price, and nothing to be trusted.
"""

from typing import Final

from bot.chat.codec import Button, Flag, Integer, Natural, OwnId, Page, Reference, Word, button

EVERY: Final = "-"
"""Stands for every service: no id of the provider's is only a dash."""


@button("s")
class ShowServices(Button):
    """Show a page of the services. `owner` is who may press (0: an anonymous admin)."""

    owner: Natural
    page: Page = 0


@button("ss")
class SearchServices(Button):
    """Ask for a word to search the services by."""

    owner: Natural


@button("c")
class ShowCountries(Button):
    """A service was picked: show a page of its countries."""

    owner: Natural
    service: Reference
    page: Page = 0


@button("cs")
class SearchCountries(Button):
    """Ask for a word to search the countries of a service by."""

    owner: Natural
    service: Reference


@button("p")
class PickCountry(Button):
    """A country was picked: show the offers, or the quote where there is one offer."""

    owner: Natural
    service: Reference
    country: Reference


@button("o")
class PickOffer(Button):
    """An offer was picked: show the quote."""

    owner: Natural
    service: Reference
    country: Reference
    pid: Reference


@button("y")
class Confirm(Button):
    """Buy what the quote offers. Who may is written in the quote."""

    quote_id: OwnId


@button("x")
class Dismiss(Button):
    """Close the message with the dialogue."""

    owner: Natural


@button("k")
class CancelNumber(Button):
    """Give a number back."""

    activation_id: Natural


@button("n")
class ShowNumber(Button):
    """Show one number and all that came for it."""

    activation_id: Natural


@button("hf")
class FilterHistory(Button):
    """Show a page of what somebody bought: of an outcome, a window of time, a service."""

    owner: Natural
    outcome: Word = "any"
    window: Word = "all"
    service: Reference = EVERY
    page: Page = 0


@button("b")
class BuyAgain(Button):
    """Begin a new dialogue with the service and country of an earlier number."""

    activation_id: Natural


@button("r")
class Reveal(Button):
    """Show a code to its buyer alone."""

    code_id: Natural
    activation_id: Natural


@button("a")
class AskAccess(Button):
    """Ask the owner to let this chat in."""


@button("d")
class DecideAccess(Button):
    """The owner's decision about a chat."""

    chat_id: Integer
    approve: Flag


@button("u")
class ShowOutcome(Button):
    """Show an unknown outcome again, with what the owner may answer."""

    activation_id: Natural


@button("ua")
class AskOutcome(Button):
    """The owner's answer to an unknown outcome, before it is asked once more."""

    activation_id: Natural
    charged: Flag


@button("ud")
class DecideOutcome(Button):
    """The owner's decision about an unknown outcome."""

    activation_id: Natural
    charged: Flag


@button("m")
class ShowMenu(Button):
    """Show what `/start` shows."""

    owner: Natural


@button("l")
class RefreshNumbers(Button):
    """Show the open numbers as they stand now."""

    owner: Natural
