"""Every way that a purchase can go leaves books that add up."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import ledger
from bot.domain.ledger import HOLDS, LOSSES, PRICE_DIFFERENCES, PROVIDER, REFUNDS_DUE, Entry

amounts = st.integers(0, 10**12)
chats = st.integers(-(10**13), 10**13)


def balances(*entries: Entry) -> Counter[str]:
    """Give what each account has received less what it has given."""
    totals: Counter[str] = Counter()
    for entry in entries:
        totals[entry.target] += entry.amount
        totals[entry.source] -= entry.amount
    return totals


@given(chats, amounts, amounts, st.integers(-(10**12), 10**12))
def test_money_only_moves(chat: int, price: int, used: int, gain: int) -> None:
    for entry in [
        ledger.hold(chat, price),
        ledger.post(price),
        ledger.void(chat, price),
        ledger.refund(chat, price),
        ledger.price_difference(price, used),
        ledger.refund_difference(price, used),
        ledger.refund_seen(price),
        ledger.loss(price),
        ledger.unvoid(chat, price),
        ledger.unlose(price),
        ledger.opening(gain),
        ledger.unexplained(gain),
    ]:
        assert entry.amount >= 0
        assert entry.source != entry.target
        assert sum(balances(entry).values()) == 0


@given(chats, amounts, amounts)
def test_a_bought_number_costs_the_chat_the_quote_and_the_provider_is_paid_what_it_took(
    chat: int, price: int, used: int
) -> None:
    books = balances(
        ledger.hold(chat, price), ledger.post(price), ledger.price_difference(price, used)
    )
    assert books[ledger.chat_account(chat)] == -price
    assert books[PROVIDER] == used
    assert books[PRICE_DIFFERENCES] == price - used
    assert books[HOLDS] == 0


@given(chats, amounts)
def test_a_declined_purchase_costs_nobody(chat: int, price: int) -> None:
    books = balances(ledger.hold(chat, price), ledger.void(chat, price))
    assert set(books.values()) <= {0}


@given(chats, amounts, amounts)
def test_a_refund_that_the_balance_shows_leaves_nothing(chat: int, price: int, used: int) -> None:
    books = balances(
        ledger.hold(chat, price),
        ledger.post(price),
        ledger.price_difference(price, used),
        ledger.refund(chat, price),
        ledger.refund_difference(price, used),
    )
    assert books[ledger.chat_account(chat)] == 0
    assert books[REFUNDS_DUE] == -used
    seen = balances(ledger.refund_seen(used))
    books.update(seen)
    assert set(books.values()) <= {0}


@given(chats, amounts)
def test_a_lost_number_is_the_owners_loss(chat: int, price: int) -> None:
    books = balances(ledger.hold(chat, price), ledger.void(chat, price), ledger.loss(price))
    assert books[ledger.chat_account(chat)] == 0
    assert (books[LOSSES], books[PROVIDER]) == (-price, price)


@given(chats, amounts)
def test_a_number_that_comes_late_is_paid_by_its_chat_after_all(chat: int, price: int) -> None:
    books = balances(
        ledger.hold(chat, price),
        ledger.void(chat, price),
        ledger.loss(price),
        ledger.unlose(price),
        ledger.unvoid(chat, price),
        ledger.post(price),
    )
    assert books[ledger.chat_account(chat)] == -price
    assert (books[PROVIDER], books[LOSSES], books[HOLDS]) == (price, 0, 0)


@given(chats, chats)
def test_every_chat_has_an_account_of_its_own(one: int, other: int) -> None:
    assert (ledger.chat_account(one) == ledger.chat_account(other)) == (one == other)
    assert ledger.chat_account(one) not in {HOLDS, PROVIDER, REFUNDS_DUE, LOSSES}


@given(chats, amounts)
def test_a_refund_that_never_comes_is_the_owners_loss(chat: int, price: int) -> None:
    given_up = ledger.refund_lost(price)
    books = balances(ledger.refund(chat, price), given_up)
    assert given_up.kind is ledger.Kind.REFUND_LOST
    assert books[ledger.chat_account(chat)] == price
    assert (books[LOSSES], books[REFUNDS_DUE]) == (-price, 0)
