"""How a confirmation went: exactly one of these."""

from dataclasses import dataclass

from bot.domain.activation import Activation, Quote
from bot.domain.policy import Refusal


@dataclass(frozen=True, slots=True)
class Started:
    """The number is being bought; the card tells how it goes on."""

    activation: Activation


@dataclass(frozen=True, slots=True)
class Replayed:
    """This quote was confirmed before: nothing is bought, this is how it stands."""

    activation: Activation


@dataclass(frozen=True, slots=True)
class PriceRose:
    """The offer costs more than was quoted: ask again with the new quote."""

    quote: Quote


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """The policy says no."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class NotYours:
    """Somebody else asked for this quote."""


@dataclass(frozen=True, slots=True)
class QuoteGone:
    """No such quote, or it is too old."""


@dataclass(frozen=True, slots=True)
class OfferGone:
    """What the quote offers is not sold any more, or not at a price that can be read."""


@dataclass(frozen=True, slots=True)
class PriceUnknown:
    """The provider does not tell the price at present: nothing is bought, try again."""


Confirmation = (
    Started | Replayed | PriceRose | NotAllowed | NotYours | QuoteGone | OfferGone | PriceUnknown
)
