"""The operator settles from the shell what a bot that is stopped has left open."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.domain.activation import Activation, State
from bot.settings import Settings
from bot.storage import activations
from bot.storage.database import Database
from bot.workflows.shell import ShellError, refund_given_up, settled, unknown_outcomes, verified
from tests.integration.reconcile.shop import Shop, open_shop

CENTURY = 100 * 365 * 86_400.0


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


async def left(database_url: str, act: Callable[[Shop], Awaitable[Activation]]) -> int:
    """Let a bot do something and stop; give the activation's id."""
    async with Database(database_url) as database, open_shop(database) as shop:
        return (await act(shop)).id


async def doubtful(shop: Shop) -> Activation:
    return await shop.buy_unanswered(charged=True)


@pytest.mark.parametrize(
    ("charged", "words", "state"),
    [
        (True, "charged, booked as a loss of $0.25", State.LOST),
        (False, "not charged", State.DECLINED),
    ],
)
async def test_an_outcome_is_settled_once_and_then_told(
    database_url: str, settings: Settings, charged: bool, words: str, state: State
) -> None:
    number = await left(database_url, doubtful)
    assert await settled(settings, number, charged=charged) == [f"Purchase {number}: {words}"]
    assert await settled(settings, number, charged=not charged) == [
        f"Purchase {number}: already settled; {words}"
    ]
    async with Database(database_url) as database, database.read() as connection:
        activation = await activations.get(connection, number)
    assert activation
    assert activation.state is state
    assert await verified(settings) == []


async def test_what_is_not_unknown_is_not_settled(database_url: str, settings: Settings) -> None:
    number = await left(database_url, Shop.buy)
    [line] = await settled(settings, number, charged=True)
    assert line.endswith("its outcome is not unknown, it is waiting")
    with pytest.raises(ShellError, match="there is no purchase"):
        await settled(settings, number + 1, charged=True)


async def test_nothing_is_settled_while_the_provider_may_still_answer(
    database_url: str, settings: Settings
) -> None:
    async def far_in_the_future(shop: Shop) -> Activation:
        shop.clock.forward(CENTURY)
        return await shop.buy_unanswered(charged=True)

    number = await left(database_url, far_in_the_future)
    with pytest.raises(ShellError, match=r"may still answer for it until 21\d\d-"):
        await settled(settings, number, charged=True)
    [line] = await unknown_outcomes(settings)
    assert line.startswith(f"{number}  $0.25")


async def test_a_refund_that_never_came_is_given_up_once(
    database_url: str, settings: Settings
) -> None:
    async def given_back(shop: Shop) -> Activation:
        return await shop.cancel(await shop.buy())

    number = await left(database_url, given_back)
    [line] = await refund_given_up(settings, number)
    assert line.endswith("its refund of $0.25 is given up, and booked as a loss")
    with pytest.raises(ShellError, match="no refund of number"):
        await refund_given_up(settings, number)
    assert await verified(settings) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("is_refund", [False, True])
async def test_a_wrong_folder_gets_no_installation(
    tmp_path: Path, settings: Settings, is_refund: bool
) -> None:
    nowhere = tmp_path / "elsewhere" / "bot.db"
    wrong = settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{nowhere}")})
    with pytest.raises(ShellError, match="DATABASE_URL: cannot be opened: No such file"):
        await (refund_given_up(wrong, 1) if is_refund else settled(wrong, 1, charged=True))
    assert not nowhere.parent.exists()
