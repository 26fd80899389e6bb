"""A step on the inbox that fails is done again, and ends nothing."""

import pytest

from bot.chat import intake
from bot.chat.intake import Soon


async def test_a_step_that_fails_is_done_again_and_so_is_the_next(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(intake, "BATCH_SECONDS", 0)
    monkeypatch.setattr(intake, "PAUSE_SECONDS", 0)
    steps: list[str] = []

    async def step() -> None:
        steps.append("begun")
        if len(steps) == 1:
            raise LookupError("nobody has expected this")
        steps.append("done")

    soon = Soon(step)
    for done in (1, 2):
        soon.ask()
        await soon.flush()
        assert steps.count("done") == done
    assert caplog.messages == ["a step on the inbox fails, again soon"]
