"""Activations, quotes, lists and rules as tests need them; everything in them is made up."""

from dataclasses import replace
from typing import Any

from bot.domain.activation import Activation, Quote, State
from bot.domain.catalogue import Country, Offer, Service
from bot.domain.chat import ChatAccess, ChatRules, CodePlace, Limits, WhoMayBuy
from bot.workflows.overview import Code, View

NOW = 1_790_000_000_000
MINUTE = 60_000
ANNA = 502
GROUP = -1_000_000_000_777

WHATSAPP = Service("0948", "WhatsApp", (Offer("0948", 88_200), Offer("0949", 120_000)))
TURKEY = Country("tr", "Turkey", 150)

QUOTE = Quote(
    id="0123456789abcdef",
    chat_id=ANNA,
    thread_id=None,
    user_id=ANNA,
    service_id="0948",
    service_name="WhatsApp",
    pid="0948",
    country_code="tr",
    country_name="Turkey",
    price=88_200,
    created_at=NOW,
    expires_at=NOW + 10 * MINUTE,
)

WAITING = Activation(
    id=7,
    quote_id=QUOTE.id,
    chat_id=ANNA,
    thread_id=None,
    user_id=ANNA,
    bought_by=None,
    card_message_id=11,
    service_id="0948",
    service_name="WhatsApp",
    pid="0948",
    pid_used="0948",
    country_code="tr",
    country_name="Turkey",
    price=88_200,
    state=State.WAITING,
    number="+12025550123",
    rs_id="rs-1",
    reason=None,
    requested_at=NOW,
    lease_until=NOW + MINUTE,
    slow_since=None,
    bought_at=NOW,
    first_code_at=None,
    missed_at=None,
    expires_at=NOW + 20 * MINUTE,
    closed_at=None,
    next_poll_at=NOW,
    watch_until=None,
    cancel_at=NOW + 19 * MINUTE,
    cancel_lease_until=None,
    cancel_lease_by=None,
    cancel_reason=None,
    cancel_attempts=0,
    cancel_unanswered=False,
)

CHAT_RULES = ChatRules(
    chat_id=GROUP,
    access=ChatAccess.APPROVED,
    open_to_all=False,
    all_paused=False,
    paused=False,
    who_may_buy=WhoMayBuy.EVERYONE,
    code_place=CodePlace.PRIVATE,
    permissions=(),
    limits=(),
    defaults=Limits(),
)


def view(
    *texts: str,
    refunded: int = 0,
    buyer_name: str | None = "Anna",
    **changes: Any,  # noqa: ANN401 - any of an activation's fields
) -> View:
    """Give a waiting number of Anna's in private, with changes, and what its SMS brought."""
    codes = tuple(Code(number, text, NOW) for number, text in enumerate(texts, start=1))
    return View(replace(WAITING, **changes), codes, refunded, buyer_name)
