"""The files that run the bot as a service keep what they promise, as far as reading can tell."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings, is_postgresql
from bot.workflows.rules import DEADLINE_FACTOR

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
SCALE = (DEPLOY / "compose.scale.yml").read_text()
CADDYFILE = (DEPLOY / "Caddyfile").read_text()
OF_THE_SCALE_FILE = {"DOMAIN", "POSTGRES_PASSWORD"}

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


@pytest.fixture
def scale() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(SCALE)
    return found


def test_a_stop_leaves_time_for_an_open_purchase(
    service: dict[str, str], compose: dict[str, Any], scale: dict[str, Any]
) -> None:
    least = OPEN_PURCHASE_SECONDS + STOP_SECONDS

    assert float(service["TimeoutStopSec"]) >= least
    for bot in (compose["services"]["bot"], scale["services"]["bot"]):
        assert float(bot["stop_grace_period"].removesuffix("s")) >= least


def test_the_image_installs_pinned_requirements_and_runs_without_root() -> None:
    assert "pip install --no-deps --require-hashes -r requirements.lock" in DOCKERFILE
    last_stage = DOCKERFILE[DOCKERFILE.rindex("FROM ") :]
    assert re.search(r"^USER bot$", last_stage, re.MULTILINE)
    assert last_stage.index("USER bot") > last_stage.rindex("RUN ")


def test_the_image_copies_only_what_the_build_is_given() -> None:
    given = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    copied = re.findall(r"^COPY (?!--from)(?:--chmod=644 )?(.+) \S+$", DOCKERFILE, re.MULTILINE)

    sources = {source for line in copied for source in line.split()}
    assert sources == set(given)
    assert all((ROOT / source).exists() for source in sources)


def test_what_the_last_stage_copies_from_a_checkout_may_be_read_by_its_user() -> None:
    last_stage = DOCKERFILE[DOCKERFILE.rindex("FROM ") :]
    assert re.findall(r"^COPY (--\w+)=", last_stage, re.MULTILINE) == ["--from", "--chmod"]


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


def test_replicas_start_when_postgresql_is_healthy(scale: dict[str, Any]) -> None:
    services = scale["services"]

    for name in ("bot", "migrate"):
        assert services[name]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert "pg_isready" in services["postgres"]["healthcheck"]["test"]
    assert services["bot"]["deploy"]["replicas"] >= 2


def test_every_variable_of_the_scale_file_is_a_setting_or_explained_at_its_top(
    scale: dict[str, Any],
) -> None:
    settings = {name.upper() for name in Settings.model_fields}
    top = SCALE[: SCALE.index("name:")]

    for name in ("bot", "migrate"):
        assert set(scale["services"][name]["environment"]) <= settings
    assert set(re.findall(r"\$\{?([A-Z_]+)", SCALE + CADDYFILE)) <= OF_THE_SCALE_FILE
    assert all(f"#   {name}=" in top for name in OF_THE_SCALE_FILE)
    assert not re.search(r"\$\{\w+\}", SCALE), "an unset one ends the start"


def test_the_settings_of_a_replica_are_good(scale: dict[str, Any]) -> None:
    values = {"DOMAIN": "bot.example", "POSTGRES_PASSWORD": "5ecret"}
    environment = {
        name.lower(): re.sub(r"\$\{(\w+):\?\}", lambda found: values[found[1]], value)
        for name, value in scale["services"]["bot"]["environment"].items()
    }

    settings = Settings.model_validate(
        {"telegram_bot_token": "100:TEST", "spotsms_api_key": "key", "owner_ids": "7"} | environment
    )

    assert is_postgresql(settings.database_url.get_secret_value())
    assert settings.webhook_url == "https://bot.example/telegram"
    assert settings.ops_listen


def test_every_image_is_pinned(scale: dict[str, Any]) -> None:
    images = {service["image"] for service in scale["services"].values() if "build" not in service}

    assert len(images) == 2
    assert all(re.search(r":\d+\.\d+(\.\d+)?-", image) for image in images)


def test_no_container_of_the_scale_file_may_do_what_it_does_not_need(
    scale: dict[str, Any],
) -> None:
    services = scale["services"]

    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service
    assert [name for name, service in services.items() if "ports" in service] == ["caddy"]
    assert services["postgres"]["networks"] == ["data"]
    assert scale["networks"]["data"] == {"internal": True}


def test_the_working_folder_of_a_replica_belongs_to_its_user(scale: dict[str, Any]) -> None:
    uid = re.search(r"useradd .*--uid (\d+)", DOCKERFILE)
    folder = re.search(r"^WORKDIR (.+)$", DOCKERFILE[DOCKERFILE.index("USER bot") :], re.MULTILINE)

    assert uid
    assert folder
    assert f"{folder[1]}:uid={uid[1]},mode=0700" in scale["services"]["bot"]["tmpfs"]


def test_caddy_leads_to_where_the_replicas_listen(scale: dict[str, Any]) -> None:
    environment = scale["services"]["bot"]["environment"]
    port = environment["WEBHOOK_LISTEN"].rpartition(":")[2]
    path = environment["WEBHOOK_URL"].partition("{DOMAIN:?}")[2]

    assert f"dynamic a bot {port} " in CADDYFILE
    assert f"handle {path} " in CADDYFILE
    mounted = [volume.partition(":")[0] for volume in scale["services"]["caddy"]["volumes"]]
    assert (DEPLOY / mounted[0]).is_file()


def test_what_is_moved_is_what_the_small_compose_file_has_kept(
    compose: dict[str, Any], scale: dict[str, Any]
) -> None:
    migrate = scale["services"]["migrate"]

    assert scale["name"] == compose["name"]
    assert migrate["volumes"] == compose["services"]["bot"]["volumes"]
    assert migrate["environment"]["DATABASE_URL"] in DOCKERFILE
    assert migrate["command"][-1] == scale["services"]["bot"]["environment"]["DATABASE_URL"]
    assert migrate["profiles"]


def test_the_unit_starts_the_command_that_make_setup_installs(service: dict[str, str]) -> None:
    assert service["ExecStart"] == "/opt/spotsms-bot/.venv/bin/spotsms-bot run"
    assert service["RestartPreventExitStatus"] == "2"
    assert service["DynamicUser"] == "true"
    assert service["ProtectSystem"] == "strict"
