"""What the bot says while somebody buys, and about access. Telegram's HTML.

What people look at is in `listings`, short answers to presses in `toasts`, an activation in
`cards`, and messages that ring in `notices`.
"""

from typing import Final

from bot.chat import markup
from bot.chat.markup import bold, dollars
from bot.domain.activation import Activation, Quote
from bot.domain.catalogue import Country, Service
from bot.domain.chat import ChatAccess, CodePlace

COMMANDS: Final = {
    "buy": "Buy a number: /buy whatsapp turkey",
    "numbers": "Open numbers and their codes",
    "cancel": "Cancel a number, or what you are doing",
    "history": "Everything you bought",
    "stats": "What was spent, what came, how fast: /stats 7d",
    "export": "What was bought, as files: /export 30d",
    "forget": "Erase what is stored about you",
    "balance": "What you may still spend today",
    "help": "How it works",
}
"""The command menu: at most 256 characters each (Bot API `BotCommand`)."""

ADMIN_COMMANDS: Final = {
    "settings": "Who may buy, limits, services, countries, where codes go",
    "members": "Who is here, and what departed members left open",
    "allow": "Let a member buy, or allow a service or country",
    "deny": "Forbid a member, a service or a country",
    "limit": "Set a limit: /limit daily 7.50",
    "pause": "Stop purchases here",
    "resume": "Let purchases go on",
    "audit": "Who changed what",
}
"""What the menu offers to admins of groups besides."""

OWNER_COMMANDS: Final = {"admin": "The desk: requests, chats, balance, invitations"}
"""What the menu offers to the owners of the bot besides, in private."""

DESCRIPTION: Final = (
    "I rent phone numbers that receive SMS codes.\n\n"
    "Pick a service and a country, confirm the price, and the code arrives here by itself. "
    "No SMS? Cancel, and you get a refund."
)
"""What people read before they press Start: at most 512 characters."""

SHORT_DESCRIPTION: Final = "Phone numbers that receive SMS codes, by SpotSMS."
"""What stands in the bot's profile: at most 120 characters."""

_WHERE_CODES_GO: Final = {
    CodePlace.PRIVATE: "the code goes to its buyer in private",
    CodePlace.REVEAL: "a button here shows the code to its buyer",
    CodePlace.GROUP: "the code is written here, for everybody",
}

SEARCH_SERVICES: Final = "Which service? Reply with its name."
SEARCH_COUNTRIES: Final = "Which country? Reply with its name."


def start(first_name: str, *, in_group: bool, explains: bool = True) -> str:
    """Greet, and tell in three lines what the bot does, unless that is no use."""
    greeting = f"👋 Hello, {bold(first_name)}!"
    if not explains:
        return greeting
    whom = "this group" if in_group else "you"
    return (
        f"{greeting}\n"
        f"I rent phone numbers for {whom} that receive SMS codes.\n"
        "Pick a service and a country, confirm the price, and the code arrives here by itself.\n"
        "No SMS? Cancel, and you get a refund."
    )


def help_text(*, in_group: bool = False, to_owner: bool = False) -> str:
    """Tell how it works, and the commands; also those of a group's admins, or of an owner."""
    commands = _listed(COMMANDS)
    if in_group:
        commands += f"\n\n<b>For admins of this group</b>\n{_listed(ADMIN_COMMANDS)}"
    if to_owner:
        commands += f"\n\n<b>For you, who runs this bot</b>\n{_listed(OWNER_COMMANDS)}"
    return (
        "<b>How it works</b>\n"
        "1. /buy, then pick a service and a country. Typing works as well: "
        "<code>/buy whatsap turky</code> is understood.\n"
        "2. You see the exact price. Nothing is charged before you confirm.\n"
        "3. Use the number. Its code is sent to you as soon as the SMS arrives.\n"
        "4. No code? Press Cancel. A number that got none is cancelled for you before it has "
        "expired. The refund depends on SpotSMS, and the card says what became of it.\n\n"
        f"<b>Commands</b>\n{commands}\n\n"
        "Please buy one number at a time, and keep to the rules of the service you use it for."
    )


def _listed(commands: dict[str, str]) -> str:
    return "\n".join(f"/{command} · {words}" for command, words in commands.items())


def services(page: int, pages: int) -> str:
    """Head the list of services; `page` counts from 0."""
    return f"<b>Which service do you need a number for?</b>{_page(page, pages)}"


def countries(service: Service, page: int, pages: int, *, has_history: bool = False) -> str:
    """Head the list of a service's countries with the price; `page` counts from 0."""
    start_price = dollars(service.cheapest.price)
    price = f"from {start_price}" if _has_several_prices(service) else start_price
    known = (
        "\nA percentage is how often a code came here lately, with the usual wait; "
        "a range is what few numbers tell."
        if has_history
        else ""
    )
    return (
        f"{bold(service.name)} · {price} per number\n"
        f"Which country? The count is what is in stock.{known}{_page(page, pages)}"
    )


def offers(service: Service, country: Country) -> str:
    """Head the list of offers."""
    return (
        f"{bold(service.name)} · {flag_and_name(country)}\n"
        "There are several offers. They differ in price, and in where the number comes from."
    )


def quote(quote: Quote) -> str:
    """Show what will be bought, and what it costs."""
    country = Country(quote.country_code, quote.country_name, 1)
    return (
        f"{bold(quote.service_name)} · {flag_and_name(country)}\n"
        f"Price: <b>{dollars(quote.price)}</b>\n\n"
        "Confirm to buy this number. If no SMS arrives, you can cancel it for a refund."
    )


def price_rose(fresh: Quote) -> str:
    """Show a quote again, with the price that it has now."""
    return (
        f"⚠️ The price has risen to {dollars(fresh.price)}. Nothing was bought: "
        f"please confirm again.\n\n{quote(fresh)}"
    )


def search_services() -> str:
    """Ask for a service's name, as a reply."""
    return f"🔍 {SEARCH_SERVICES}"


def search_countries(service: Service) -> str:
    """Ask for a country's name, as a reply."""
    return f"🔍 {bold(service.name)}: {SEARCH_COUNTRIES}"


def found(query: str, service: Service | None = None) -> str:
    """Head what a search found."""
    where = f"{bold(service.name)} · " if service else ""
    return f"{where}Found for “{markup.name(markup.cut(query, 64))}”:"


def nothing_found(query: str) -> str:
    """Tell that a search found nothing, and what to do."""
    shown = markup.name(markup.cut(query, 64))
    return f"Nothing found for “{shown}”. Try another spelling, or pick from the list."


def no_services() -> str:
    """Tell that the provider sells nothing at present."""
    return "SpotSMS offers no services at present. Please try again later."


def no_numbers(service: Service, country_name: str | None = None) -> str:
    """Tell that a service has nothing in stock, here or anywhere."""
    where = f" in {bold(country_name)}" if country_name else ""
    advice = "Pick another country" if country_name else "Pick another service"
    return (
        f"There are no numbers for {bold(service.name)}{where} at present. {advice}, or try later."
    )


def service_gone() -> str:
    """Tell that what was picked is not sold any more."""
    return "This is not sold any more. Please pick again."


def provider_down() -> str:
    """Tell that the provider does not answer while somebody browses."""
    return "SpotSMS does not answer at the moment. Nothing was bought. Please try again shortly."


def dialogue_closed() -> str:
    """Close the dialogue's message."""
    return "Closed. /buy starts again whenever you like."


def quote_gone() -> str:
    """Tell that a quote is too old."""
    return "This offer has expired, and nothing was bought. Please start again with /buy."


def offer_gone() -> str:
    """Tell that what a quote offers is not sold any more."""
    return (
        "This offer is not available any more, and nothing was bought. "
        "Please start again with /buy."
    )


def price_unknown() -> str:
    """Tell that a purchase was not begun, since the price could not be checked."""
    return "SpotSMS does not tell the price at the moment. Nothing was bought. Please try again."


def not_approved(*, in_group: bool) -> str:
    """Tell a stranger that the owner decides who may use the bot."""
    whose = "this group" if in_group else "you"
    return f"This bot is private: its owner has to let {whose} in first. Shall I ask?"


def access_requested(*, in_group: bool) -> str:
    """Tell that the owner was asked."""
    whose = "this group" if in_group else "you"
    return (
        f"This bot is private: its owner has to let {whose} in first. I have asked the owner. "
        "You will hear from me here as soon as there is an answer."
    )


def access_denied() -> str:
    """Tell that the owner said no."""
    return "The owner of this bot has not approved this chat."


def access_suspended() -> str:
    """Tell that the owner has stopped this chat's purchases."""
    return "The owner of this bot has suspended this chat: it may not buy numbers for now."


def access_approved() -> str:
    """Tell that the chat may buy now."""
    return "✅ The owner has approved this chat. /buy gets a number."


def request_decided(title: str, access: ChatAccess) -> str:
    """Tell an owner how a chat stands that asked to be let in."""
    match access:
        case ChatAccess.APPROVED:
            return f"✅ {bold(title)} may buy now."
        case ChatAccess.SUSPENDED:
            return f"⏸ {bold(title)} is suspended; /admin decides."
        case _:
            return f"🚫 {bold(title)} was denied."


def group_welcome(place: CodePlace) -> str:
    """Say hello to a group that the bot was added to."""
    return (
        "👋 Hello! I rent phone numbers that receive SMS codes.\n"
        f"/buy gets one; {_WHERE_CODES_GO[place]}."
    )


def unknown_command() -> str:
    """Answer what nothing else understood."""
    return "I do not know this. /buy gets a number, /help tells the rest."


def flag_and_name(country: Country) -> str:
    """Name a country, with its flag where it has one."""
    return f"{country.flag} {markup.name(country.name)}".strip()


def country_of(activation: Activation) -> str:
    """Name an activation's country, with its flag."""
    return flag_and_name(Country(activation.country_code, activation.country_name, 1))


def number_of(activation: Activation) -> str:
    """Write an activation's number so that a tap copies it; nothing where it has none."""
    return markup.code(markup.e164(activation.number)) if activation.number else ""


def _page(page: int, pages: int) -> str:
    return f"\n<i>Page {page + 1} of {pages}</i>" if pages > 1 else ""


def _has_several_prices(service: Service) -> bool:
    return len({offer.price for offer in service.offers}) > 1
