"""Verifying finds every difference of a micro-dollar, whichever way it came in."""

import pytest
from sqlalchemy import text

from bot.domain.activation import State
from bot.storage import chats
from bot.workflows.verify import EVERY_SECONDS, LedgerCheck, verify
from tests.integration.reconcile.shop import CHAT, Shop

PLANTED = [
    ("UPDATE entries SET amount = amount + 1 WHERE kind = 'post'", "not $0.25"),
    ("UPDATE entries SET amount = amount - 1 WHERE kind = 'refund'", "account refunds_due"),
    ("UPDATE entries SET target = 'losses' WHERE kind = 'post'", "account losses"),
    ("DELETE FROM entries WHERE kind = 'void'", "no void is booked"),
    ("UPDATE entries SET kind = 'gift' WHERE kind = 'post'", "a gift is booked"),
    ("UPDATE entries SET user_id = 7 WHERE kind = 'hold'", "somebody who never had the number"),
    ("UPDATE entries SET purchased_at = 7 WHERE kind = 'loss_reversed'", "time of purchase"),
    ("UPDATE entries SET activation_id = NULL WHERE kind = 'loss'", "no activation"),
    ("UPDATE entries SET amount = amount + 1 WHERE kind = 'void_reversed'", "account chat:"),
    (
        "UPDATE activations SET state = 'waiting' WHERE state = 'cancelled'",
        "a refund is booked",
    ),
    ("UPDATE activations SET state = 'cancelled' WHERE state = 'waiting'", "no refund is"),
    ("DELETE FROM entries WHERE kind = 'refund'", "it is cancelled, and no refund is booked"),
    ("UPDATE activations SET price = price + 1", "account holds"),
    ("UPDATE transitions SET target = 'expired' WHERE target = 'lost'", "ends with expired"),
]


async def tamper(shop: Shop, *statements: str) -> None:
    """Change what the database refuses to change, as a person with a shell could."""
    if shop.database.is_sqlite:
        off = [f"DROP TRIGGER IF EXISTS entries_refuse_{verb}" for verb in ("update", "delete")]
        on = []
    else:
        off = ["ALTER TABLE entries DISABLE TRIGGER USER"]
        on = ["ALTER TABLE entries ENABLE TRIGGER USER"]
    async with shop.database.write() as connection:
        for statement in (*off, *statements, *on):
            await connection.execute(text(statement))


@pytest.fixture
async def busy(shop: Shop) -> Shop:
    """A shop in which everything has happened once: activations 1 to 6."""
    await shop.buy()
    await shop.cancel(await shop.buy())
    await shop.reconcile()
    lost = await shop.buy_unanswered(charged=True)
    await shop.after_deadline()
    assert (await shop.now(lost)).state is State.LOST
    shop.sandbox.set_price("0003", "0.40")  # no open number of this price could hide a charge
    await shop.buy_unanswered(charged=False, pid="0003")
    await shop.after_deadline()
    late = await shop.buy_unanswered(charged=True)
    await shop.after_deadline()
    await shop.settlement.bought(late, shop.last_number())
    await shop.buy_unanswered(charged=True)
    return shop


async def test_everything_that_the_workflows_book_adds_up(busy: Shop) -> None:
    assert await busy.differences() == []


async def test_each_planted_difference_is_found(busy: Shop) -> None:
    known: set[str] = set()
    for statement, words in PLANTED:
        await tamper(busy, statement)
        found = set(await busy.differences())
        assert any(words in line for line in found - known), (statement, found - known)
        known = found


async def test_a_state_that_there_is_not_is_found_like_any_difference(busy: Shop) -> None:
    await tamper(busy, "UPDATE activations SET state = 'garbage' WHERE state = 'cancelled'")
    found = await busy.differences()
    assert any("'garbage' is not" in line for line in found), found
    assert not any("do not exist" in line for line in found)


async def test_a_second_refund_is_found(busy: Shop) -> None:
    columns = "user_id, kind, source, target, amount, purchased_at, at"
    await tamper(
        busy,
        f"INSERT INTO entries ({columns}) SELECT {columns} FROM entries WHERE kind = 'refund'",  # noqa: S608 - our own constants
    )
    found = await busy.differences()
    assert any("from refunds_due to chat:502, belongs to no activation" in line for line in found)
    assert any(f"account chat:{CHAT}" in line for line in found), found


async def test_entries_of_a_group_that_became_a_supergroup_add_up(shop: Shop) -> None:
    await shop.cancel(await shop.buy())
    held = await shop.buy_unanswered(charged=False)
    async with shop.database.write() as connection:
        group = await chats.get(connection, CHAT)
        assert group
        await chats.migrate(connection, group, -1_000_000_000_777, shop.clock.now())
    await shop.after_deadline()
    assert (await shop.now(held)).state is State.DECLINED
    assert await shop.differences() == []


async def test_owners_are_told_of_a_difference_once_until_there_is_another(busy: Shop) -> None:
    check = LedgerCheck(busy.kit)
    await check.step()
    before = len(await busy.alerts())
    await tamper(busy, "UPDATE entries SET amount = amount + 1 WHERE kind = 'loss'")
    await check.step()
    assert len(await busy.alerts()) == before
    for _ in range(2):
        busy.clock.forward(EVERY_SECONDS)
        await check.step()
    alerts = await busy.alerts()
    assert len(alerts) == before + 1
    assert alerts[-1]["alert"] == "ledger_difference"
    assert alerts[-1]["count"] >= 1


async def test_a_check_that_is_stopped_says_nothing(busy: Shop) -> None:
    await tamper(busy, "UPDATE entries SET amount = amount + 1 WHERE kind = 'post'")
    assert await verify(busy.database, lambda: False) == []
    check = LedgerCheck(busy.kit)
    check.stop()
    await check.step()
    assert "ledger_difference" not in [alert["alert"] for alert in await busy.alerts()]
