"""The same walk by webhook, and on PostgreSQL."""

import socket

import pytest

from tests.e2e.installation import ANNA, Installation, digits


async def test_updates_come_by_webhook_as_well(installation: Installation) -> None:
    port = _free_port()
    await installation.start(
        webhook_url=f"http://127.0.0.1:{port}/updates", webhook_listen=f"127.0.0.1:{port}"
    )
    purchase, card = await installation.buy(ANNA)
    installation.spotsms.send_sms(purchase.number, "Code 24042")
    await installation.telegram.wait_message(ANNA, "24042", after=card["message_id"])
    assert await installation.stop() < 5.0


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_killed_bot_goes_on_from_postgresql(
    installation: Installation, database_url: str
) -> None:
    await installation.start(database_url=database_url)
    purchase, card = await installation.buy(ANNA)
    assert digits(purchase.number) in digits(card["text"])
    await installation.kill()
    installation.spotsms.send_sms(purchase.number, "Code 26062")
    await installation.start(database_url=database_url)
    await installation.telegram.wait_message(ANNA, "26062", after=card["message_id"])
    assert await installation.stop() < 5.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
