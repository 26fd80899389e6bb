"""The pace that Telegram asks of a group goes on across a restart."""

from bot.chat.pacing import GROUP_LIMIT, Pacing
from bot.domain.notice import Notice, NoticeKind, Priority
from bot.ops import Metrics
from bot.provider import SpotSms
from bot.settings import Settings
from bot.storage import outbox
from bot.workflows.deliver import Delivery
from bot.workflows.kit import Kit
from bot.workflows.rules import Rules
from bot.workflows.worker import Calls, Signals
from tests.integration.messenger.desk import GROUP, OWNER, Desk


async def test_a_group_that_got_its_twenty_messages_is_left_alone_by_the_next_process(
    desk: Desk,
) -> None:
    await _fill_the_minute(desk)
    settings = Settings(
        _env_file=None,
        telegram_bot_token="100:TEST",
        spotsms_api_key="test-key",
        owner_ids=(OWNER,),
    )
    async with SpotSms("http://127.0.0.1:9/", "test-key", timeout=1) as provider:
        rules = Rules.of(settings)
        kit = Kit(desk.database, provider, desk.clock, Signals(), Calls(), Metrics(), rules)
        pacing = Pacing()
        await Delivery(kit, desk.messenger, pacing).recover()
    assert 20 < pacing.wait_for(GROUP) < 61
    assert pacing.wait_for(GROUP - 1) == 0


async def _fill_the_minute(desk: Desk) -> None:
    now = desk.clock.now()
    async with desk.database.write() as connection:
        for number in range(GROUP_LIMIT):
            notice = Notice(
                key=f"{number}",
                chat_id=GROUP,
                kind=NoticeKind.ALERT,
                priority=Priority.REST,
                facts={},
            )
            await outbox.enqueue(connection, notice, now)
            (row,) = await outbox.due(connection, now, 1)
            await outbox.settle(connection, row, outbox.SENT, now - 20_000)
