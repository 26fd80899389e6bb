"""`/cancel` and the Cancel button."""

from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN, BOB, GROUP, Stage, words_on


async def test_the_only_open_number_is_cancelled_without_asking(stage: Stage) -> None:
    await stage.buy()
    assert "Cancelling" in (await stage.say(ANN, "/cancel"))["text"]
    await stage.see(ANN, "Cancelled. Refunded $0.0882.")


async def test_of_several_numbers_one_can_be_picked(stage: Stage) -> None:
    await stage.buy()
    await stage.buy()
    choice = await stage.say(ANN, "/cancel")
    assert words_on(choice).count("Cancel") == 2
    assert not stage.spotsms.calls_of("cancelRsActivation")
    assert (await stage.press(ANN, "Cancel Microsoft")).text == "Cancelling…"
    await stage.see(ANN, "Refunded $0.0882")


async def test_a_number_is_cancelled_by_its_id_or_its_digits(stage: Stage) -> None:
    await stage.buy()
    await stage.buy()
    first, second = stage.spotsms.purchases
    assert "Cancelling" in (await stage.say(ANN, "/cancel 1"))["text"]
    assert "Cancelling" in (await stage.say(ANN, f"/cancel {second.number}"))["text"]
    await stage.spotsms.wait_for(lambda: first.state == second.state == "cancelled")


async def test_nobody_else_s_number_is_cancelled_by_its_id(stage: Stage) -> None:
    await stage.buy()
    assert "no such number" in (await stage.say(BOB, "/cancel 1"))["text"]
    assert not stage.spotsms.calls_of("cancelRsActivation")


async def test_where_nothing_can_be_cancelled_it_says_so(stage: Stage) -> None:
    assert "nothing to cancel" in (await stage.say(ANN, "/cancel"))["text"]


async def test_a_number_without_an_id_says_why_it_cannot_be_cancelled(stage: Stage) -> None:
    await stage.say(ANN, "/buy viber iceland")
    await stage.press(ANN, "Confirm")
    card = await stage.see_button(ANN, "Copy")
    assert "Cancel" not in words_on(card)
    assert "gave no id" in (await stage.say(ANN, "/cancel"))["text"]


async def test_in_the_middle_of_the_dialogue_it_ends_that(stage: Stage) -> None:
    await stage.say(ANN, "/buy")
    assert "Closed" in (await stage.say(ANN, "/cancel"))["text"]
    assert "nothing to cancel" in (await stage.say(ANN, "/cancel"))["text"]


async def test_in_the_middle_of_the_dialogue_it_asks_before_a_number_is_cancelled(
    stage: Stage,
) -> None:
    await stage.buy()
    await stage.say(ANN, "/buy")
    answer = await stage.say(ANN, "/cancel")
    assert answer["text"] == "Which number shall I cancel?"
    assert "Cancel Microsoft" in words_on(answer)
    assert not stage.spotsms.calls_of("cancelRsActivation")


async def test_a_group_s_number_is_offered_and_not_cancelled_from_private(stage: Stage) -> None:
    await stage.open_group()
    await stage.buy(ANN, GROUP)
    choice = await stage.say(ANN, "/cancel")
    assert not stage.spotsms.calls_of("cancelRsActivation")
    assert "Cancel Microsoft" in words_on(choice)
    await stage.press(ANN, "Cancel Microsoft")
    await stage.see(GROUP, "Refunded $0.0882")


async def test_a_cancellation_that_is_too_early_says_when_it_will_be_done(run: Running) -> None:
    async with run(cancel_min_age=100) as stage:
        await stage.buy()
        answer = await stage.press(ANN, "Cancel")
        assert answer.text.startswith("Too early to cancel. It will be cancelled in 1 min")
        assert not stage.spotsms.calls_of("cancelRsActivation")


async def test_what_is_to_be_cancelled_already_is_called_so(run: Running) -> None:
    async with run(cancel_min_age=600) as stage:
        for count in (1, 2):
            await stage.buy()
            await stage.press(ANN, "Cancel and refund")
            told = (await stage.say(ANN, "/cancel"))["text"]
            assert told.count("is to be cancelled already") == count
