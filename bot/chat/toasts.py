"""Short answers to presses: plain text of at most 200 characters (`answerCallbackQuery`)."""

from bot.chat import markup, standings
from bot.chat.listings import why_not_cancellable
from bot.domain.activation import Activation
from bot.domain.codes import find_code
from bot.workflows.cancel import Cancelling


def not_yours() -> str:
    """Refuse a press of somebody else."""
    return "Only the one who started this can use its buttons. Send /buy to get your own."


def button_gone() -> str:
    """Refuse a button that carries nothing that is understood, or something that is gone."""
    return "This button no longer works. Send /buy to start again."


def failed() -> str:
    """Tell that something went wrong on our side."""
    return "Something went wrong here. Please try again."


def buying() -> str:
    """Confirm that the purchase has begun."""
    return "Buying…"


def one_moment() -> str:
    """Keep a person company while the provider is slow."""
    return "One moment…"


def standing(activation: Activation) -> str:
    """Tell how a purchase stands that was confirmed before."""
    return f"Already confirmed: {standings.standing(activation)}."


def cancelling(answer: Cancelling, now: int) -> str:
    """Tell that a number is being given back."""
    if answer.at is None:
        return "Cancelling…"
    wait = markup.plain_distance(answer.at - now)
    return f"Too early to cancel. It will be cancelled in {wait}, unless the SMS arrives first."


def not_cancellable(activation: Activation) -> str:
    """Tell why a number cannot be cancelled as it stands."""
    return why_not_cancellable(activation)


def number_gone() -> str:
    """Tell that a number is unknown, or not for the one who pressed."""
    return "Only its buyer, or an admin of this group, can do that."


def too_soon(milliseconds: int) -> str:
    """Ask the owner to wait: the provider may still answer for a purchase."""
    wait = markup.plain_distance(milliseconds)
    return f"SpotSMS may still answer for this purchase. Please decide in {wait}."


def only_owner() -> str:
    """Refuse what only the owner of the bot may do."""
    return "Only the owner of this bot can decide that."


def code_not_yours() -> str:
    """Refuse a code to everybody but its buyer."""
    return "Only its buyer sees this code."


def settled(activation: Activation) -> str:
    """Tell how a purchase stands that is not to be decided any more."""
    return f"Purchase #{activation.id}: {standings.standing(activation)}."


def asked_already() -> str:
    """Tell whoever asks to be let in again that there is no answer yet."""
    return "Already asked; the owner has not answered yet."


def code(text: str) -> str:
    """Show a code to its buyer alone, within the 200 characters that an alert has."""
    found_code = find_code(text)
    whole = " ".join(text.split())
    shown = f"Code: {found_code}\n\n{whole}" if found_code and found_code != whole else whole
    return markup.cut(shown, 200)


def code_erased() -> str:
    """Tell that a code has been erased since."""
    return "This code is no longer stored: old codes are erased."
