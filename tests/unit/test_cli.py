"""The shell's commands refuse what they cannot do, in one line."""

import re
import sys

import pytest
from typer.testing import CliRunner

from bot import cli


@pytest.mark.parametrize(
    "asked", [{"charged": 1, "not_charged": 1}, {"not_charged": 1, "refund_lost": 2}]
)
def test_one_thing_is_settled_at_a_time(
    asked: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.reconcile(**asked)
    assert "give one of them" in capsys.readouterr().err


def test_a_purchase_has_a_positive_number() -> None:
    refused = CliRunner().invoke(cli.app, ["reconcile", "--charged", "0"])
    assert refused.exit_code == 2
    assert "--charged" in refused.output


def test_the_version_can_be_asked_for() -> None:
    shown = CliRunner().invoke(cli.app, ["--version"])
    assert shown.exit_code == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", shown.output)


def test_the_event_loop_is_uvloops_where_that_is_installed() -> None:
    uvloop = pytest.importorskip("uvloop")
    assert cli._fastest_loop() is uvloop.new_event_loop


def test_the_event_loop_is_pythons_own_where_uvloop_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert cli._fastest_loop() is None
