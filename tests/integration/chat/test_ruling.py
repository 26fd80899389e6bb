"""What admins type: whom, what and how much it means."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.sandbox.spotsms import Fault
from bot.sandbox.spotsms.catalogue import Offer, Service
from tests.integration.chat.helpers import (
    ANN,
    BOB,
    EVE,
    FORUM,
    Stage,
)

NONSENSE = ("daily", "daily lots", "daily -1", "everything 5", "open 1.5", "daily 2 whatever")


@pytest.fixture
async def group(stage: Stage) -> int:
    """A group in which Bob is an admin whom everybody knows."""
    group = await stage.open_group()
    stage.telegram.join(group, BOB, "administrator")
    return group


async def _known_as(stage: Stage, group: int, user_id: int, username: str) -> None:
    """Let the bot see somebody's @username in a group."""
    person = stage.telegram.users[user_id]
    stage.telegram.users[user_id] = replace(person, username=username)
    await stage.say(user_id, "/help", group)


async def test_a_service_and_a_country_can_be_forbidden_by_name(stage: Stage, group: int) -> None:
    await stage.quote(ANN, group)
    told = await stage.say(BOB, "/deny microsoft", group)
    assert "Microsoft is forbidden here" in told["text"]
    await stage.press(ANN, "Confirm", group)
    await stage.see(group, "This service may not be bought here")
    assert "Microsoft is allowed" in (await stage.say(BOB, "/allow microsoft", group))["text"]
    quote = await stage.quote(ANN, group)
    assert "Iceland is forbidden" in (await stage.say(BOB, "/deny iceland", group))["text"]
    await stage.press(ANN, "Confirm", group)
    await stage.see(group, "This country may not be bought here", after=quote["message_id"] - 1)
    assert not stage.spotsms.purchases


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("turkey", "🇹🇷 Turkey"),
        ("usa", "🇺🇸 United States"),
        ("uk", "🇬🇧 United Kingdom"),
        ("🇹🇷", "🇹🇷 Turkey"),
    ],
)
async def test_a_country_is_forbidden_by_the_names_that_people_use(
    stage: Stage, group: int, typed: str, told: str
) -> None:
    assert f"{told} is forbidden here" in (await stage.say(BOB, f"/deny {typed}", group))["text"]


async def test_a_member_is_forbidden_by_reply_by_mention_and_by_id(
    stage: Stage, group: int
) -> None:
    said = stage.telegram.say(ANN, group, "hello")
    denied = stage.telegram.say(BOB, group, "/deny", reply_to=said["message_id"])
    await stage.see(group, "Ann may not buy here", after=denied["message_id"])
    allowed = stage.telegram.say(BOB, group, "/allow Ann", mention=ANN)
    await stage.see(group, "Ann may buy here", after=allowed["message_id"])
    await stage.quote(ANN, group)
    told = await stage.say(BOB, f"/deny {ANN}", group)
    assert "may not buy here" in told["text"]
    await stage.press(ANN, "Confirm", group)
    await stage.see(group, "you may not buy here")
    assert not stage.spotsms.purchases


async def test_forbidding_a_member_with_open_numbers_asks_and_names_the_amount(
    stage: Stage, group: int
) -> None:
    await stage.buy(ANN, group)
    question = await stage.say(BOB, f"/deny {ANN}", group)
    assert "1 number open, $0.0882 in all" in question["text"]
    answer = await stage.press(EVE, "Forbid and cancel", group)
    assert "Only an admin" in answer.text
    await stage.press(BOB, "Forbid and cancel $0.0882", group)
    await stage.see(group, "Cancelled by an admin. Refunded $0.0882.")


async def test_forbidding_promises_no_refund_for_what_cannot_be_cancelled(
    stage: Stage, group: int
) -> None:
    await stage.buy(ANN, group)
    stage.spotsms.inject(Fault("getNumber", "http500"))
    await stage.quote(ANN, group)
    await stage.press(ANN, "Confirm", group)
    await stage.see(group, "the outcome of this purchase is unknown")
    question = await stage.say(BOB, f"/deny {ANN}", group)
    assert "2 numbers open, $0.1764 in all" in question["text"]
    await stage.press(BOB, "Forbid and cancel $0.0882", group)
    told = await stage.see(group, "may not buy here any more")
    assert "1 number being cancelled for a refund. 1 number cannot be cancelled." in told["text"]


async def test_allowing_a_member_promises_nothing_that_is_still_forbidden(
    stage: Stage, group: int
) -> None:
    await stage.say(BOB, "/settings", group)
    await stage.press(BOB, "Who may buy", group)
    await stage.see_button(group, "Admins only")
    await stage.press(BOB, "Admins only", group)
    await stage.see_button(group, "● Admins only")
    told = (await stage.say(BOB, f"/allow {ANN}", group))["text"]
    assert told.endswith("is listed here. Only admins of this group may buy here.")
    assert (await stage.say(BOB, f"/allow {BOB}", group))["text"] == "✅ Bob may buy here."


async def test_a_limit_of_one_member_is_set_by_reply(stage: Stage, group: int) -> None:
    said = stage.telegram.say(ANN, group, "hello")
    ordered = stage.telegram.say(BOB, group, "/limit daily 0.05", reply_to=said["message_id"])
    await stage.see(group, "Per day for Ann: $0.05", after=ordered["message_id"])
    await stage.quote(ANN, group)
    await stage.press(ANN, "Confirm", group)
    await stage.see(group, "This would pass your daily limit of $0.05")
    await stage.buy(EVE, group)


@pytest.mark.parametrize(
    "typed", [*NONSENSE, "for Ann daily 2", "daily 2 502 503", "each daily 2 x"]
)
async def test_a_limit_that_makes_no_sense_is_explained(
    stage: Stage, group: int, typed: str
) -> None:
    assert "Type what and how much" in (await stage.say(BOB, f"/limit {typed}", group))["text"]


@pytest.mark.parametrize("typed", ["daily 0,05 @ann_1", "@Ann_1 daily 0.05", f"{ANN} daily 0.05"])
async def test_a_limit_of_one_member_is_set_by_name_in_either_order(
    stage: Stage, group: int, typed: str
) -> None:
    await _known_as(stage, group, ANN, "ann_1")
    assert "Per day for Ann: $0.05" in (await stage.say(BOB, f"/limit {typed}", group))["text"]
    await stage.quote(ANN, group)
    await stage.press(ANN, "Confirm", group)
    await stage.see(group, "This would pass your daily limit of $0.05")
    await stage.buy(EVE, group)


@pytest.mark.parametrize("command", ["limit daily 2", "allow", "deny", "stats"])
async def test_an_unknown_at_name_means_nobody_and_nothing_else(
    stage: Stage, group: int, command: str
) -> None:
    told = await stage.say(BOB, f"/{command} @telegram", group)
    assert "I have not met @telegram here" in told["text"]
    assert "Nothing has been changed" in (await stage.say(BOB, "/audit", group))["text"]


async def test_an_at_name_of_another_group_is_unknown_here(stage: Stage, group: int) -> None:
    await stage.open_group(FORUM)
    await _known_as(stage, FORUM, ANN, "ann_1")
    assert "have not met" in (await stage.say(BOB, "/deny @ann_1", group))["text"]


async def test_a_member_is_forbidden_and_allowed_by_at_name(stage: Stage, group: int) -> None:
    await _known_as(stage, group, ANN, "ann_1")
    assert "Ann may not buy here" in (await stage.say(BOB, "/deny @ann_1", group))["text"]
    assert "Ann may buy here" in (await stage.say(BOB, "/allow @ann_1", group))["text"]


async def test_a_name_typed_in_a_reply_means_the_service(stage: Stage, group: int) -> None:
    said = stage.telegram.say(ANN, group, "may I have it?")
    denied = stage.telegram.say(BOB, group, "/deny microsoft", reply_to=said["message_id"])
    await stage.see(group, "Microsoft is forbidden here", after=denied["message_id"])


async def test_two_services_of_one_name_are_not_forbidden_by_chance(
    stage: Stage, group: int
) -> None:
    double = Service("9999", "Viber", (Offer("9999", Decimal("0.31"), "9999"),))
    stage.spotsms.catalogue.services["9999"] = double
    told = await stage.say(BOB, "/deny viber", group)
    assert "more than one is called like that" in told["text"]


@pytest.fixture
def numbered(stage: Stage) -> None:
    """Besides 1688, SpotSMS sells more services with a number in their name, one of them Ann's."""
    for key, name in (("9001", "Bet 365"), ("9002", "1 99"), ("9003", str(ANN))):
        service = Service(key, name, (Offer(key, Decimal("0.31"), key),))
        stage.spotsms.catalogue.services[key] = service


@pytest.mark.usefixtures("numbered")
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("bet 365", "Bet 365 is forbidden here"),
        ("Bett 365", "Bet 365 is forbidden here"),
        ("1 99", "1 99 is forbidden here"),
        ("1688", "1688 is forbidden here. Services: not 1688."),
        ("16888", "16888 may not buy here"),
        ("16", "16 may not buy here"),
        ("365", "365 may not buy here"),
        ("502 microsoft", "I know no such service or country"),
        ("502 503", "I know no such service or country"),
    ],
)
async def test_a_number_is_part_of_a_service_s_name_or_an_id(
    stage: Stage, group: int, typed: str, told: str
) -> None:
    assert told in (await stage.say(BOB, f"/deny {typed}", group))["text"]


@pytest.mark.usefixtures("numbered")
async def test_the_number_of_somebody_met_here_is_theirs(stage: Stage, group: int) -> None:
    await stage.say(ANN, "/help", group)
    assert "Ann may not buy here" in (await stage.say(BOB, f"/deny {ANN}", group))["text"]


@pytest.mark.usefixtures("numbered")
async def test_a_number_typed_in_a_reply_is_not_who_is_answered(stage: Stage, group: int) -> None:
    said = stage.telegram.say(ANN, group, "may I have it?")
    for typed, told in (("Bet 365", "Bet 365 is"), ("1688", "1688 is"), (f"{EVE}", f"{EVE} may")):
        denied = stage.telegram.say(BOB, group, f"/deny {typed}", reply_to=said["message_id"])
        await stage.see(group, told, after=denied["message_id"])


async def test_to_allow_what_was_forbidden_only_takes_that_back(stage: Stage, group: int) -> None:
    await stage.say(BOB, "/deny microsoft", group)
    told = await stage.say(BOB, "/allow microsoft", group)
    assert told["text"] == "Microsoft is allowed here. Services: all."


async def test_to_allow_what_nothing_was_said_of_begins_a_list_and_says_so(
    stage: Stage, group: int
) -> None:
    told = await stage.say(BOB, "/allow microsoft", group)
    assert "All other services are forbidden now. Services: only Microsoft." in told["text"]
    await stage.say(BOB, "/deny viber", group)
    told = await stage.say(BOB, "/allow viber", group)
    assert told["text"] == "Viber is allowed here. Services: only Microsoft, Viber."
