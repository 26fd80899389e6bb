"""The shell's commands refuse what they cannot do, in one line."""

import pytest

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
