"""The operator's shell lists, settles and verifies with nothing but the database."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.domain.activation import State
from bot.settings import Settings
from bot.workflows.shell import ShellError, refund_given_up, settled, unknown_outcomes, verified
from tests.integration.reconcile.shop import Shop


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings.model_validate(
        {
            "telegram_bot_token": SecretStr("100:TEST"),
            "spotsms_api_key": SecretStr("test-key"),
            "owner_ids": "501",
            "database_url": SecretStr(database_url),
        }
    )


async def test_a_quiet_shop_has_nothing_to_list(shop: Shop, settings: Settings) -> None:
    assert shop
    assert await unknown_outcomes(settings) == [
        "No purchase has an unknown outcome, and no refund is due."
    ]
    assert await verified(settings) == []


async def test_unknown_outcomes_and_refunds_due_are_listed_beside_the_bot(
    shop: Shop, settings: Settings
) -> None:
    await shop.cancel(await shop.buy())
    doubtful = await shop.buy_unanswered(charged=True)
    unknown, refund = await unknown_outcomes(settings)
    assert unknown.startswith(f"{doubtful.id}  $0.25  ")
    assert "balance before: $50.00 at " in unknown
    assert unknown.endswith("since: not read")
    assert "its refund was promised" in refund


async def test_an_outcome_is_settled_beside_the_bot_on_postgresql_and_refused_on_sqlite(
    shop: Shop, settings: Settings
) -> None:
    doubtful = await shop.buy_unanswered(charged=True)
    if shop.database.is_sqlite:
        with pytest.raises(ShellError, match="another process"):
            await settled(settings, doubtful.id, charged=True)
        assert (await shop.now(doubtful)).state is State.UNKNOWN
        return
    for begin in ("charged", "already settled; charged"):
        [line] = await settled(settings, doubtful.id, charged=True)
        assert line.startswith(f"Purchase {doubtful.id}: {begin}")
    assert (await shop.now(doubtful)).state is State.LOST
    with pytest.raises(ShellError, match="there is no purchase"):
        await settled(settings, doubtful.id + 1, charged=True)


async def test_a_refund_that_never_came_is_given_up_from_the_shell_once(
    shop: Shop, settings: Settings
) -> None:
    number = await shop.cancel(await shop.buy())
    if shop.database.is_sqlite:
        with pytest.raises(ShellError, match="another process"):
            await refund_given_up(settings, number.id)
        return
    [line] = await refund_given_up(settings, number.id)
    assert line == f"Number {number.id}: its refund of $0.25 is given up, and booked as a loss"
    with pytest.raises(ShellError, match="no refund of number"):
        await refund_given_up(settings, number.id)
    assert await shop.differences() == []


@pytest.mark.parametrize("name", ["nothing.db", "other.db"])
async def test_what_cannot_be_read_is_said_in_one_line(
    tmp_path: Path, settings: Settings, name: str
) -> None:
    (tmp_path / "other.db").touch()
    other = settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{tmp_path}/{name}")})
    with pytest.raises(ShellError, match="DATABASE_URL: cannot be opened"):
        await verified(other)
    with pytest.raises(ShellError, match="DATABASE_URL: cannot be opened"):
        await unknown_outcomes(other)
    assert not (tmp_path / "nothing.db").exists()
