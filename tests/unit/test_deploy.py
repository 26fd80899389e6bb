"""The files that run the bot as a service keep what they promise, as far as reading can tell."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings
from bot.workflows.rules import DEADLINE_FACTOR

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()

OPEN_PURCHASE_SECONDS = Settings.model_fields["spotsms_timeout"].default * DEADLINE_FACTOR
STOP_SECONDS = 5


@pytest.fixture
def service() -> dict[str, str]:
    unit = (DEPLOY / "spotsms-bot.service").read_text()
    return dict(re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE))


@pytest.fixture
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text())
    return found


def test_a_stop_leaves_time_for_an_open_purchase(
    service: dict[str, str], compose: dict[str, Any]
) -> None:
    least = OPEN_PURCHASE_SECONDS + STOP_SECONDS

    assert float(service["TimeoutStopSec"]) >= least
    assert float(compose["services"]["bot"]["stop_grace_period"].removesuffix("s")) >= least


def test_the_image_installs_pinned_requirements_and_runs_without_root() -> None:
    assert "pip install --require-hashes -r requirements.lock" in DOCKERFILE
    last_stage = DOCKERFILE[DOCKERFILE.rindex("FROM ") :]
    assert re.search(r"^USER bot$", last_stage, re.MULTILINE)
    assert last_stage.index("USER bot") > last_stage.rindex("RUN ")


def test_the_image_copies_only_what_the_build_is_given() -> None:
    given = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)

    sources = {source for line in copied for source in line.split()}
    assert sources == set(given)
    assert all((ROOT / source).exists() for source in sources)


def test_the_container_keeps_its_data_in_the_volume(compose: dict[str, Any]) -> None:
    assert "DATABASE_URL=sqlite:////data/bot.db" in DOCKERFILE
    assert re.search(r"^VOLUME /data$", DOCKERFILE, re.MULTILINE)
    assert compose["services"]["bot"]["volumes"] == ["data:/data"]
    assert "data" in compose["volumes"]


def test_the_container_may_do_nothing_that_it_does_not_need(compose: dict[str, Any]) -> None:
    bot = compose["services"]["bot"]

    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert "ports" not in bot
    assert "privileged" not in bot


def test_files_that_the_compose_file_names_are_where_it_says(compose: dict[str, Any]) -> None:
    bot = compose["services"]["bot"]

    assert (DEPLOY / bot["build"]["context"] / bot["build"]["dockerfile"]).is_file()
    assert (DEPLOY / bot["env_file"]).resolve() == ROOT / ".env"


def test_the_unit_starts_the_command_that_make_setup_installs(service: dict[str, str]) -> None:
    assert service["ExecStart"] == "/opt/spotsms-bot/.venv/bin/spotsms-bot run"
    assert service["RestartPreventExitStatus"] == "2"
    assert service["DynamicUser"] == "true"
    assert service["ProtectSystem"] == "strict"
