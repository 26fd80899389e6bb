"""Health and metrics over HTTP."""

import ast
import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

import bot
from bot.ops import Metrics, OpsServer, StartError, serve
from bot.ops.metrics import COUNTERS, GAUGES, HISTOGRAMS
from bot.storage import inbox
from bot.storage.database import Database

Workers = dict[str, asyncio.Task[Any]]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(f"sqlite:///{tmp_path}/bot.db") as database:
        yield database


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    task = asyncio.create_task(asyncio.Event().wait())
    yield {"watcher": task}
    task.cancel()


@pytest.fixture
async def client(
    database: Database, metrics: Metrics, workers: Workers
) -> AsyncIterator[httpx.AsyncClient]:
    server = OpsServer(database, metrics, workers)
    async with (
        serve(server.application, "127.0.0.1:0", "OPS_LISTEN") as address,
        httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as client,
    ):
        yield client


async def test_a_process_that_works_is_healthy(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


async def test_a_worker_that_has_ended_is_named(
    client: httpx.AsyncClient, workers: Workers
) -> None:
    workers["watcher"].cancel()
    await asyncio.wait(workers.values())
    answer = await client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"problems": ["watcher has stopped"]}


async def test_a_webhook_that_telegram_refuses_is_a_problem(
    database: Database, metrics: Metrics
) -> None:
    refused = OpsServer(database, metrics, {}, is_refused=lambda: True)
    assert await refused.problems() == ["WEBHOOK_URL: Telegram refuses it, the log says why"]


async def test_a_database_that_does_not_answer_is_a_problem_and_metrics_go_on(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE inbox RENAME TO elsewhere"))
    answer = await client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"problems": ["the database does not answer"]}
    assert (await client.get("/metrics")).status_code == 200


async def test_metrics_show_what_was_counted_and_what_waits(
    client: httpx.AsyncClient, database: Database, metrics: Metrics
) -> None:
    metrics.count("purchases", outcome="waiting")
    metrics.observe("poll_lateness_seconds", 0.2)
    async with database.write() as connection:
        await inbox.store(
            connection, [inbox.Update(1, "1", "{}"), inbox.Update(2, "2", "{}")], at=0
        )
    shown = (await client.get("/metrics")).text
    assert 'spotsms_bot_purchases_total{outcome="waiting"} 1.0' in shown
    assert 'spotsms_bot_poll_lateness_seconds_bucket{le="0.25"} 1.0' in shown
    assert "spotsms_bot_inbox_waiting 2.0" in shown
    assert "spotsms_bot_open_activations 0.0" in shown
    assert "process_resident_memory_bytes" in shown


async def test_every_metric_that_is_declared_is_shown(client: httpx.AsyncClient) -> None:
    shown = (await client.get("/metrics")).text
    for name in (*COUNTERS, *HISTOGRAMS, *GAUGES):
        assert re.search(rf"^# TYPE spotsms_bot_{name}(_total)? ", shown, re.MULTILINE), name


def test_every_metric_that_the_code_counts_is_declared_with_its_labels() -> None:
    calls = list(_calls_of_meters())
    assert {name for name, _, _ in calls if name in COUNTERS} >= {"purchases", "polls", "codes"}
    for name, method, labels in calls:
        if method == "observe":
            assert name in HISTOGRAMS
        else:
            assert COUNTERS[name][1] == labels


def test_a_metric_that_does_not_exist_harms_nothing(
    metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    metrics.count("nothing")
    metrics.count("purchases", wrong="label")
    metrics.observe("nothing", 1.0)
    assert len(caplog.messages) == 3


async def test_a_port_that_is_taken_is_one_line_that_names_the_setting(
    client: httpx.AsyncClient, database: Database, metrics: Metrics
) -> None:
    address = client.base_url.netloc.decode()
    application = OpsServer(database, metrics, {}).application
    with pytest.raises(StartError, match=r"^OPS_LISTEN: cannot listen on .* \(.*in use\)$"):
        async with serve(application, address, "OPS_LISTEN"):
            pass


async def test_an_address_that_is_not_here_is_one_line_that_names_the_setting(
    database: Database, metrics: Metrics
) -> None:
    application = OpsServer(database, metrics, {}).application
    with pytest.raises(StartError, match=r"^OPS_LISTEN: cannot listen on [^\n]*$"):
        async with serve(application, "192.0.2.1:8080", "OPS_LISTEN"):
            pass


def _calls_of_meters() -> list[tuple[str, str, tuple[str, ...]]]:
    """Every `…meter.count("name", label=…)` and `…meter.observe("name", …)` in the sources."""
    found = []
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (method := _method_of_meter(node.func)):
                labels = tuple(keyword.arg or "" for keyword in node.keywords)
                found.append((ast.literal_eval(node.args[0]), method, labels))
    return found


def _method_of_meter(function: ast.expr) -> str | None:
    if not isinstance(function, ast.Attribute) or function.attr not in {"count", "observe"}:
        return None
    owner = ast.unparse(function.value).rpartition(".")[2]
    return function.attr if owner in {"meter", "_meter"} else None
