"""Inline keyboards: what can be pressed under each message."""

from collections.abc import Mapping, Sequence
from typing import Final

from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import KeyboardButtonStyle

from bot.chat import keys, markup
from bot.chat.buttons import (
    AskAccess,
    BuyAgain,
    CancelNumber,
    Confirm,
    DecideAccess,
    FilterHistory,
    PickCountry,
    PickOffer,
    RefreshNumbers,
    Reveal,
    SearchCountries,
    SearchServices,
    ShowCountries,
    ShowMenu,
    ShowNumber,
    ShowServices,
)
from bot.chat.codec import Button
from bot.chat.rates import in_short
from bot.chat.standings import may_be_cancelled
from bot.domain.activation import Activation, Quote
from bot.domain.catalogue import Country, Service
from bot.domain.codes import find_code
from bot.domain.money import format_dollars
from bot.domain.statistics import Evidence
from bot.workflows.overview import View

PAGE_ROWS: Final = 8
PAGE_SIZE: Final = 2 * PAGE_ROWS
MOST_NUMBERS: Final = 20
MOST_OFFERS: Final = 20


def services_page(services: Sequence[Service], page: int, owner: int) -> InlineKeyboardMarkup:
    """Show a page of all services, in the order given; a page too far shows the last one."""
    shown, page, pages = keys.page_of(services, page, PAGE_SIZE)
    search = keys.button("🔍 Search", SearchServices(owner))
    return InlineKeyboardMarkup(
        [
            *keys.pairs([_service(service, owner) for service in shown]),
            *keys.moves(page, pages, lambda to: ShowServices(owner, to), search),
            [keys.close(owner)],
        ]
    )


def services_found(services: Sequence[Service], owner: int) -> InlineKeyboardMarkup:
    """Show what a search found, as much as fits on one page."""
    found = keys.pairs([_service(service, owner) for service in services[:PAGE_SIZE]])
    again = keys.button("🔍 Search again", SearchServices(owner))
    return InlineKeyboardMarkup([*found, [again], keys.last_row(ShowServices(owner), owner)])


def countries_page(
    service: Service,
    countries: Sequence[Country],
    works: Mapping[str, Evidence],
    page: int,
    owner: int,
) -> InlineKeyboardMarkup:
    """Show a page of a service's countries, in the order given, and how well each works."""
    shown, page, pages = keys.page_of(countries, page, PAGE_SIZE)
    search = keys.button("🔍 Search", SearchCountries(owner, service.id))
    return InlineKeyboardMarkup(
        [
            *keys.pairs([_country(service, country, works, owner) for country in shown]),
            *keys.moves(page, pages, lambda to: ShowCountries(owner, service.id, to), search),
            keys.last_row(ShowServices(owner), owner),
        ]
    )


def countries_found(
    service: Service, countries: Sequence[Country], works: Mapping[str, Evidence], owner: int
) -> InlineKeyboardMarkup:
    """Show the countries that a search found, as many as fit on one page."""
    found = keys.pairs(
        [_country(service, country, works, owner) for country in countries[:PAGE_SIZE]]
    )
    again = keys.button("🔍 Search again", SearchCountries(owner, service.id))
    return InlineKeyboardMarkup(
        [*found, [again], keys.last_row(ShowCountries(owner, service.id), owner)]
    )


def offers(service: Service, country: Country, owner: int) -> InlineKeyboardMarkup:
    """Show the offers of a service, each with its price."""
    rows = [
        [
            keys.button(
                f"Offer {number} · {format_dollars(offer.price)}",
                PickOffer(owner, service.id, country.code, offer.pid),
            )
        ]
        for number, offer in enumerate(service.offers[:MOST_OFFERS], start=1)
    ]
    return InlineKeyboardMarkup([*rows, keys.last_row(ShowCountries(owner, service.id), owner)])


def quote(quote: Quote, *, several_offers: bool = False) -> InlineKeyboardMarkup:
    """Show Confirm with the price, and the way back to the offers or the countries."""
    owner = quote.user_id or 0
    back: Button = ShowCountries(owner, quote.service_id)
    if several_offers:
        back = PickCountry(owner, quote.service_id, quote.country_code)
    confirm = keys.button(
        f"✅ Confirm · {format_dollars(quote.price)}",
        Confirm(quote.id),
        KeyboardButtonStyle.SUCCESS,
    )
    return InlineKeyboardMarkup([[confirm], keys.last_row(back, owner)])


def retry(again: Button, owner: int, back: Button | None = None) -> InlineKeyboardMarkup:
    """Offer to do the same once more, and the way back where there is one."""
    last = keys.last_row(back, owner) if back else [keys.close(owner)]
    return InlineKeyboardMarkup([[keys.button("🔄 Try again", again)], last])


def back(to: Button, owner: int) -> InlineKeyboardMarkup:
    """Offer the way back alone."""
    return InlineKeyboardMarkup([keys.last_row(to, owner)])


def search_prompt(example: str) -> ForceReply:
    """Ask for a typed reply of the one who pressed Search."""
    return ForceReply(selective=True, input_field_placeholder=markup.cut(example, 64))


def start(owner: int, *, may_buy: bool = True) -> InlineKeyboardMarkup:
    """Offer to buy where one may, and to look at what was bought."""
    buy = keys.button("🛒 Buy a number", ShowServices(owner), KeyboardButtonStyle.SUCCESS)
    looks = [
        keys.button("📱 My numbers", RefreshNumbers(owner)),
        keys.button("🗂 History", FilterHistory(owner)),
    ]
    return InlineKeyboardMarkup([[buy], looks] if may_buy else [looks])


def ask_access(*, again: bool = False) -> InlineKeyboardMarkup:
    """Offer to ask the owner to let this chat in."""
    words = "🙋 Ask again" if again else "🙋 Ask for access"
    return InlineKeyboardMarkup([[keys.button(words, AskAccess())]])


def decide_access(chat_id: int) -> InlineKeyboardMarkup:
    """Give the owner Approve and Deny for a chat."""
    return InlineKeyboardMarkup(
        [
            [
                keys.button("Approve", DecideAccess(chat_id, True), KeyboardButtonStyle.SUCCESS),
                keys.button("Deny", DecideAccess(chat_id, False), KeyboardButtonStyle.DANGER),
            ]
        ]
    )


def numbers(views: Sequence[View], owner: int, *, may_buy: bool = True) -> InlineKeyboardMarkup:
    """Show each number: its details, and Cancel where that makes sense; Buy where one may."""
    rows = [row for view in views for row in keys.pairs(_number_keys(view.activation))]
    buy = [keys.button("🛒 Buy", ShowServices(owner))] if may_buy else []
    last = [keys.button("🔄 Refresh", RefreshNumbers(owner)), *buy]
    return InlineKeyboardMarkup([*rows, last, keys.last_row(ShowMenu(owner), owner)])


def cancel_choice(views: Sequence[View], owner: int) -> InlineKeyboardMarkup:
    """Show one Cancel button per number that can be cancelled."""
    rows = [
        [cancel(view.activation, f"Cancel {label(view.activation)}")]
        for view in views[:MOST_NUMBERS]
    ]
    return InlineKeyboardMarkup([*rows, [keys.close(owner)]])


def open_card(activation: Activation) -> InlineKeyboardMarkup | None:
    """Show the number's copy button, and Cancel where the provider can be asked for it."""
    rows = _copy_number(activation)
    if may_be_cancelled(activation):
        rows.append([cancel(activation, f"Cancel and refund {format_dollars(activation.price)}")])
    return InlineKeyboardMarkup(rows) if rows else None


def plain_card(activation: Activation) -> InlineKeyboardMarkup | None:
    """Show the number's copy button alone: a cancellation is on its way."""
    rows = _copy_number(activation)
    return InlineKeyboardMarkup(rows) if rows else None


def sold_out_card(activation: Activation) -> InlineKeyboardMarkup:
    """Offer other countries, and this one once more: another offer may have numbers."""
    buyer, service_id = activation.user_id, activation.service_id
    other = ShowCountries(buyer, service_id)
    again = PickCountry(buyer, service_id, activation.country_code)
    return InlineKeyboardMarkup(
        [[keys.button("🌍 Another country", other)], [keys.button("🔁 Buy again", again)]]
    )


def closed_card(activation: Activation) -> InlineKeyboardMarkup:
    """Offer the same once more."""
    return InlineKeyboardMarkup([[_buy_again(activation)]])


def received_card(view: View, *, with_codes: bool) -> InlineKeyboardMarkup:
    """Show copy buttons for the codes (where they may be seen) and the number, and Buy again."""
    codes = [_copy_code(item.text) for item in view.codes[-3:]] if with_codes else []
    rows = [[button] for button in reversed(codes)]
    return InlineKeyboardMarkup(
        [*rows, *_copy_number(view.activation), [_buy_again(view.activation)]]
    )


def copy_code(text: str) -> InlineKeyboardMarkup:
    """Show the copy button of a code, or of the whole SMS where no code can be told in it."""
    return InlineKeyboardMarkup([[_copy_code(text)]])


def reveal(code_id: int, activation_id: int) -> InlineKeyboardMarkup:
    """Show the button that gives a code to its buyer alone."""
    button = keys.button("👁 Show the code", Reveal(code_id, activation_id))
    return InlineKeyboardMarkup([[button]])


def label(activation: Activation) -> str:
    """Name a number on a key that has a row of its own."""
    number = markup.phone(activation.number) if activation.number else activation.country_name
    return f"{activation.service_name} {number}"


def cancel(activation: Activation, text: str) -> InlineKeyboardButton:
    """Give the key that gives a number back."""
    return keys.button(text, CancelNumber(activation.id), KeyboardButtonStyle.DANGER)


def _service(service: Service, owner: int) -> InlineKeyboardButton:
    return keys.button(service.name, ShowCountries(owner, service.id))


def _country(
    service: Service, country: Country, works: Mapping[str, Evidence], owner: int
) -> InlineKeyboardButton:
    """Tell what is in stock, and how well a country works where that is known."""
    known = in_short(works.get(country.code, Evidence()))
    told = (f"{country.flag} {country.name}", str(country.count), known)
    return keys.button(" · ".join(filter(None, told)), PickCountry(owner, service.id, country.code))


def _number_keys(activation: Activation) -> list[InlineKeyboardButton]:
    """Name a number by its last digits: a whole one is cut off in half a row."""
    last = f"…{activation.number[-4:]}" if activation.number else f"#{activation.id}"
    shown = keys.button(f"{activation.service_name} {last}", ShowNumber(activation.id))
    return [shown, cancel(activation, f"Cancel {last}")][: 1 + may_be_cancelled(activation)]


def _buy_again(activation: Activation) -> InlineKeyboardButton:
    return keys.button("🔁 Buy again", BuyAgain(activation.id))


def _copy_number(activation: Activation) -> list[keys.Row]:
    if activation.number is None:
        return []
    return [[keys.copy("📋 Copy number", markup.e164(activation.number))]]


def _copy_code(text: str) -> InlineKeyboardButton:
    found = find_code(text)
    return keys.copy(f"📋 Copy {found or 'the text'}", found or text.strip())
