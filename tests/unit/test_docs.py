"""What is written about the project is true: tables, commands, targets, links, paths."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from importlib.metadata import requires
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pydantic import SecretStr
from telegram.ext import CommandHandler, ConversationHandler

from bot.chat.application import build_application
from bot.chat.texts import ADMIN_COMMANDS, COMMANDS
from bot.domain import polling, schedule
from bot.settings import Settings
from bot.workflows import replica
from bot.workflows.rules import DEADLINE_FACTOR

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
ENV_EXAMPLE = (ROOT / ".env.example").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

REGISTRY_HOSTS = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "golang" + ".org")
MACHINE_PATH = re.compile(r"(?<![\w.>-])/(?:root|home|Users|work|tmp)/\w")


def defaults() -> dict[str, str]:
    """Each setting and its default as one would write it; "needed" where there is none."""
    return {
        name.upper(): "needed" if field.is_required() else written(field.default)
        for name, field in Settings.model_fields.items()
    }


def written(value: object) -> str:
    match value:
        case None | ():
            return ""
        case SecretStr():
            return value.get_secret_value()
        case float() | Decimal():
            return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
        case _:
            return str(value)


def table(header: str) -> dict[str, str]:
    """Give first and second column of the README's table that begins with `header`."""
    lines = README[README.index(f"| {header} |") :].splitlines()[2:]
    rows: dict[str, str] = {}
    for line in lines:
        if not line.startswith("|"):
            break
        first, second = (cell.strip().strip("`") for cell in line.split("|")[1:3])
        assert first not in rows
        rows[first] = second
    return rows


def tracked_texts() -> Iterator[tuple[str, str]]:
    names = subprocess.run(
        # A checkout of another user's is read as well.
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],  # noqa: S607 - git, wherever it is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, names):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".ico", ".woff2"}:
            yield name, path.read_text()


def test_the_readme_names_every_setting_with_its_default() -> None:
    assert table("setting") == defaults()


def test_the_example_names_every_setting_with_its_default() -> None:
    lines = re.findall(r"^#?([A-Z_]+)=(.*)$", ENV_EXAMPLE, re.MULTILINE)

    assert [name for name, _ in lines] == list(table("setting")), "in the README's order"
    assert dict(lines) == {
        name: "" if default == "needed" else default for name, default in defaults().items()
    }


def test_the_example_explains_each_setting() -> None:
    for block in ENV_EXAMPLE.split("\n\n"):
        *comments, last = block.strip().splitlines()
        if re.match(r"#?[A-Z_]+=", last):
            assert comments, last
            assert all(re.match(r"# \S", line) for line in comments), last


def test_only_what_must_be_filled_in_is_no_comment_in_the_example() -> None:
    open_lines = re.findall(r"^([A-Z_]+)=$", ENV_EXAMPLE, re.MULTILINE)

    assert open_lines == ["TELEGRAM_BOT_TOKEN", "SPOTSMS_API_KEY", "OWNER_IDS"]
    assert README.index("fill these three in") > 0


def test_the_readme_lists_exactly_the_commands_that_the_bot_answers() -> None:
    handlers = [
        handler
        for group in build_application("100:TEST", "http://127.0.0.1:9").handlers.values()
        for handler in group
    ]
    answered: set[str] = set()
    for handler in handlers:
        inside = handler.entry_points if isinstance(handler, ConversationHandler) else [handler]
        for one in inside:
            if isinstance(one, CommandHandler):
                answered |= one.commands

    documented = {command.removeprefix("/") for command in table("command")}
    assert documented == answered
    in_menus = {*COMMANDS, *ADMIN_COMMANDS}
    in_no_menu = {"start", "admin"}
    assert documented == in_menus | in_no_menu, "Telegram's own button, and what few may know"


def test_the_readme_tells_why_each_dependency_is_there() -> None:
    needed = {
        re.split(r"[\[<>=]", requirement)[0]
        for requirement in PROJECT["project"]["dependencies"]
        + PROJECT["project"]["optional-dependencies"]["fast"]
    }
    reasons = table("dependency")

    assert set(reasons) == needed
    assert all(reasons.values())


def test_every_make_target_in_the_readme_exists_and_all_are_listed() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = {*re.findall(r"^([a-z]+):", makefile, re.MULTILINE)}

    assert {*re.findall(r"`?\bmake ([a-z]+)", README)} <= targets
    assert {f"make {target}" for target in targets} == {*table("target"), "make help"}


@pytest.mark.parametrize(
    ("words", "is_so"),
    [
        ("looked at for one more minute", polling.GRACE_SECONDS == 60),
        ("for an hour at most", schedule.LAST_LOOK_PATIENCE_SECONDS == 3600),
        ("looked at half as often", polling.SLOWER_AFTER_CODE == 2),
        ("up to three times `SPOTSMS_TIMEOUT`", DEADLINE_FACTOR == 3),
        ("renews its lease every 2 s, the others every second", replica.HEARTBEAT_SECONDS == 2),
        ("taken for dead 8 s later", replica.LEASE_SECONDS == 8),
    ],
)
def test_durations_in_the_readme_are_the_ones_of_the_code(words: str, is_so: bool) -> None:
    assert words in " ".join(README.split())
    assert is_so


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md", "docs/operation.md"])
def test_links_and_named_files_exist(document: str) -> None:
    text = (ROOT / document).read_text()
    folder = (ROOT / document).parent
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", text)
    named = re.findall(r"`((?:bot|deploy|docs|tests)/[\w./-]+|\.ci/run|\.env\.example)`", text)

    missing = [name for name in links if not (folder / name).exists()]
    missing += [name for name in named if not (ROOT / name).exists()]

    assert missing == []


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    found = [
        (name, line)
        for name, text in tracked_texts()
        for line in text.splitlines()
        if MACHINE_PATH.search(line) or any(host in line for host in REGISTRY_HOSTS)
    ]

    assert found == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_requirement_is_pinned_with_hashes_and_names_no_index(lock: str) -> None:
    requirements = (ROOT / lock).read_text().replace("\\\n", " ").splitlines()

    for line in requirements:
        if line.strip() and not line.lstrip().startswith("#"):
            assert re.match(r"[a-z0-9][\w.\[\],-]*==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.lock", ["build", "fast"]),
        ("requirements-dev.lock", ["build", "fast", "dev"]),
    ],
)
def test_a_lock_holds_all_that_is_needed_so_that_nothing_is_resolved(
    lock: str, extras: list[str]
) -> None:
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))
    project = PROJECT["project"]
    texts = [project["dependencies"], *(project["optional-dependencies"][one] for one in extras)]
    needed = [one for one in map(Requirement, chain(*texts)) if applies(one)]
    seen: set[Requirement] = set()

    while needed:
        one = needed.pop()
        if one not in seen:
            seen.add(one)
            assert one.specifier.contains(pinned[canonicalize_name(one.name)]), str(one)
            needed += needed_by(one)

    assert len(seen) > len(pinned) / 2


def needed_by(one: Requirement) -> list[Requirement]:
    """Give what an installed package needs, with the extras that it is wanted with."""
    all_of_it = map(Requirement, requires(one.name) or [])
    return [each for each in all_of_it if any(applies(each, extra) for extra in ("", *one.extras))]


def applies(one: Requirement, extra: str = "") -> bool:
    return one.marker is None or one.marker.evaluate({"extra": extra})
