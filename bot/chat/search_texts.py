"""What is said where a typed text names no number that can be bought. Telegram's HTML."""

from bot.chat import markup
from bot.chat.texts import flag_and_name
from bot.domain.catalogue import Country

MOST_UNITS = 64


def name_the_service(country: Country, text: str) -> str:
    """Tell that a country alone does not say what the number is for."""
    example = f"/buy whatsapp {' '.join(text.split())}"
    return (
        f"{flag_and_name(country)} is a country. Name the service first, "
        f"e.g. {markup.code(markup.cut(example, MOST_UNITS))}"
    )


def no_such_country(text: str) -> str:
    """Tell that nothing is known to be called like that, above the countries there are."""
    return f"I know no country like “{markup.name(markup.cut(text, MOST_UNITS))}”."
