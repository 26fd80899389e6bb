"""`/export`: who gets which purchases, and whose codes."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.domain.chat import CodePlace
from bot.domain.notice import NoticeKind
from bot.sandbox.telegram import JsonObject
from bot.storage.database import Database
from bot.storage.tables import chats, outbox
from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN, BOB, EVE, GROUP, OWNER, Stage
from tests.integration.chat.past import remember, silent, with_code


def content(stage: Stage, message: JsonObject) -> bytes:
    return stage.telegram.files[message["document"]["file_id"]].content


async def exported(
    stage: Stage, user_id: int, chat_id: int, text: str = "/export"
) -> tuple[list[dict[str, str]], list[Any], str]:
    """Ask for an export, and give rows, records and what is said about them."""
    first = await stage.say(user_id, text, chat_id)
    second = await stage.telegram.wait_message(chat_id, after=first["message_id"])
    names = [one["document"]["file_name"].rpartition(".")[2] for one in (first, second)]
    assert names == ["csv", "json"]
    table = io.StringIO(content(stage, first).decode("utf-8-sig"), newline="")
    return list(csv.DictReader(table)), json.loads(content(stage, second)), first["caption"]


@pytest.fixture
async def past(tmp_path: Path) -> Path:
    """Ann and Eve bought in a group, Ann in private as well."""
    rows = [with_code(1, chat_id=GROUP), with_code(2, chat_id=GROUP, user_id=EVE)]
    rows += [with_code(3), silent(4, 40, chat_id=GROUP)]
    await remember(tmp_path, rows)
    return tmp_path


async def test_in_private_one_gets_all_one_s_own_with_codes(past: Path, run: Running) -> None:
    assert past
    async with run() as stage:
        rows, records, caption = await exported(stage, ANN, ANN)
        assert [row["id"] for row in rows] == ["4", "3", "1"]
        assert [record["messages"] for record in records] == [
            [],
            ["Your code is 000003"],
            ["Your code is 000001"],
        ]
        assert rows[0]["refunded_usd"] == "0.0882"
        assert "3 purchases, all time" in caption
        rows, _, caption = await exported(stage, ANN, ANN, "/export 30d")
        assert [row["id"] for row in rows] == ["3", "1"]
        assert "nothing to export" in (await stage.say(BOB, "/export"))["text"]


async def test_an_admin_gets_what_the_group_bought_without_codes(past: Path, run: Running) -> None:
    assert past
    async with run() as stage:
        await stage.open_group()
        rows, records, caption = await exported(stage, OWNER, GROUP)
        assert [row["id"] for row in rows] == ["4", "2", "1"]
        assert "000001" not in str(records)
        assert "Codes are left out" in caption
        refused = await stage.say(EVE, "/export", GROUP)
        assert "Only an admin" in refused["text"]


async def test_a_group_gets_only_the_codes_that_it_has_read(past: Path, run: Running) -> None:
    """Else an admin could read old codes by letting new ones be written for all."""
    told = {"facts": {"code_id": 1}, "activation_id": 1, "kind": NoticeKind.CODE, "key": "code:1"}
    alone = {"facts": {"code_id": 2}, "activation_id": 2, "kind": NoticeKind.CODE, "key": "code:2"}
    both = {"priority": 0, "status": "sent", "due_at": 0, "created_at": 0}
    async with Database(f"sqlite:///{past}/bot.db") as database, database.write() as connection:
        await connection.execute(update(chats).values(code_place=CodePlace.GROUP))
        rows = [{**both, **told, "chat_id": GROUP}, {**both, **alone, "chat_id": EVE}]
        await connection.execute(insert(outbox), rows)
    async with run() as stage:
        await stage.open_group()
        _, records, caption = await exported(stage, OWNER, GROUP)
        assert [record["messages"] for record in records] == [[], [], ["Your code is 000001"]]
        assert "left out" not in caption


async def test_a_number_of_days_without_its_letter_is_not_taken_for_all_time(
    stage: Stage,
) -> None:
    assert "How long: 7d, 30d or all." in (await stage.say(ANN, "/export 30"))["text"]
