"""What a chat and its members have used up of their limits."""

from dataclasses import replace

from bot.domain.activation import OPEN, State
from bot.domain.chat import EVERYBODY, Limits, LimitsOf, Scope
from bot.domain.ledger import hold, post, refund
from bot.domain.policy import Usage, Usages, start_of
from bot.domain.times import DAY_MS, HOUR_MS
from bot.storage import chats, ledger, usage
from bot.storage.database import Database
from tests.integration.storage.helpers import BUYER, CHAT, NOW, PRICE, in_state, request
from tests.samples import CHAT_RULES

OTHER = 21
RULES = replace(CHAT_RULES, chat_id=CHAT, defaults=Limits(daily=1, open_at_once=1))
ALL = Limits(daily=1, weekly=1, monthly=1, highest_price=1, open_at_once=1, per_hour=1)
EVERYTHING = replace(
    RULES, limits=(LimitsOf(Scope.CHAT, EVERYBODY, ALL), LimitsOf(Scope.MEMBER, EVERYBODY, ALL))
)


async def test_nothing_is_used_of_a_new_chat(database: Database) -> None:
    async with database.read() as connection:
        used = await usage.of_member(connection, EVERYTHING, BUYER, NOW)
    assert used == Usages(Usage(), Usage())


async def test_money_counts_in_the_day_week_and_month_of_the_purchase(database: Database) -> None:
    today, week, month = (start_of(name, NOW) for name in ("daily", "weekly", "monthly"))
    assert month < week < today
    times = [today, today - 1, week, week - 1, month, month - 1]
    async with database.write() as connection:
        for number, at in enumerate(times):
            user_id = OTHER if number == 0 else BUYER
            bought = await request(connection, f"q{number}", user_id=user_id, requested_at=at)
            assert bought is not None
            await ledger.record(connection, bought, hold(CHAT, 10**number), at=NOW)
        used = await usage.of_member(connection, EVERYTHING, BUYER, NOW)
    chat = (used.chat.daily, used.chat.weekly, used.chat.monthly)
    member = (used.member.daily, used.member.weekly, used.member.monthly)
    assert chat == (1, 111, 11_111)
    assert member == (0, 110, 11_110)


async def test_a_refund_frees_the_window_of_the_purchase(database: Database) -> None:
    yesterday = NOW - DAY_MS
    async with database.write() as connection:
        bought = await request(connection, requested_at=yesterday)
        assert bought is not None
        await ledger.record(connection, bought, hold(CHAT, PRICE), post(PRICE), at=yesterday)
        before = await ledger.spent_in_windows(
            connection, CHAT, {"today": NOW, "since yesterday": yesterday}, BUYER
        )
        await ledger.record(connection, bought, refund(CHAT, PRICE), at=NOW)
        after = await ledger.spent_in_windows(
            connection, CHAT, {"today": NOW, "since yesterday": yesterday}, BUYER
        )
    assert before == {"today": 0, "since yesterday": PRICE}
    assert after == {"today": 0, "since yesterday": 0}


async def test_a_groups_money_still_counts_for_its_members_in_the_supergroup(
    database: Database,
) -> None:
    old_id, new_id = -5, -1005
    async with database.write() as connection:
        bought = await in_state(connection, State.REQUESTED, chat_id=old_id)
        await ledger.record(connection, bought, hold(old_id, PRICE), at=NOW)
        old = await chats.get(connection, old_id, lock=True)
        assert old is not None
        await chats.migrate(connection, old, new_id, NOW)
        rules = replace(EVERYTHING, chat_id=new_id)
        used = await usage.of_member(connection, rules, BUYER, NOW)
    assert used.chat.daily == used.member.daily == PRICE
    assert used.chat.open_until == used.member.open_until == (None,)


async def test_open_numbers_count_until_they_are_over(database: Database) -> None:
    async with database.write() as connection:
        for number, state in enumerate(State):
            await in_state(connection, state, f"q{number}", expires_at=NOW + number)
        await in_state(connection, State.WAITING, "other", user_id=OTHER, expires_at=None)
        await in_state(connection, State.WAITING, "other chat", chat_id=CHAT + 1)
        used = await usage.of_member(connection, EVERYTHING, BUYER, NOW)
    ends = {NOW + number for number, state in enumerate(State) if state in OPEN}
    assert set(used.member.open_until) == ends
    assert set(used.chat.open_until) == {*ends, None}


async def test_purchases_of_the_last_hour_count_unless_they_were_in_vain(
    database: Database,
) -> None:
    async with database.write() as connection:
        for number, state in enumerate(State):
            await in_state(connection, state, f"q{number}")
        await request(connection, "old", requested_at=NOW - HOUR_MS)
        await request(connection, "other", user_id=OTHER, requested_at=NOW - HOUR_MS + 1)
        used = await usage.of_member(connection, EVERYTHING, BUYER, NOW)
    assert used.member.bought_at == (NOW,) * (len(State) - 2)
    assert sorted(used.chat.bought_at) == [NOW - HOUR_MS + 1, *used.member.bought_at]


async def test_what_no_limit_asks_for_is_not_read(database: Database) -> None:
    async with database.write() as connection:
        bought = await in_state(connection, State.WAITING, expires_at=NOW + 5)
        await ledger.record(connection, bought, hold(CHAT, PRICE), at=NOW)
        used = await usage.of_member(connection, RULES, BUYER, NOW)
    assert used.chat == Usage(daily=PRICE)
    assert used.member == Usage(open_until=(NOW + 5,))
