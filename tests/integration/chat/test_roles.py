"""Who may type what, where: every role, every command, every kind of chat.

`+` is done, `!` is refused with its reason, `.` is not answered at all.
"""

import pytest

from bot.chat.texts import ADMIN_COMMANDS, COMMANDS
from bot.sandbox.telegram import JsonObject
from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN, BOB, EVE, FORUM, OWNER, Stage

HELP, PATIENCE = "How it works", 20.0
GROUP, SUPERGROUP = -4001, -1_000_000_004_003
REFUSALS = (
    "Only an admin of this group",
    "This works in groups",
    "owner has to let",
    "I do not know this",
    "/forget to me in a private chat",
    "Only an admin can export",
)
TABLE = """
             private                 group            supergroup               topic                    not let in
             owner person stranger   admin member     admin anonymous ex member  admin anonymous member   admin member
start        +     +      !          +     +          +     +         +  +       +     +         +        !     !
help         +     +      +          +     +          +     +         +  +       +     +         +        +     +
buy          +     +      !          +     +          +     +         +  +       +     +         +        !     !
numbers      +     +      +          +     +          +     +         +  +       +     +         +        +     +
history      +     +      +          +     +          +     +         +  +       +     +         +        +     +
balance      +     +      !          +     +          +     +         +  +       +     +         +        !     !
cancel       +     +      +          +     +          +     +         +  +       +     +         +        +     +
stats        +     +      +          +     +          +     +         +  +       +     +         +        +     +
export       +     +      +          +     !          +     +         !  !       +     +         !        +     !
forget       +     +      +          !     !          !     !         !  !       !     !         !        !     !
settings     !     !      !          +     !          +     +         !  !       +     +         !        +     !
allow        !     !      !          +     !          +     +         !  !       +     +         !        +     !
deny         !     !      !          +     !          +     +         !  !       +     +         !        +     !
limit        !     !      !          +     !          +     +         !  !       +     +         !        +     !
members      !     !      !          +     !          +     +         !  !       +     +         !        +     !
audit        !     !      !          +     !          +     +         !  !       +     +         !        +     !
pause        !     !      !          +     !          +     +         !  !       +     +         !        +     !
resume       !     !      !          +     !          +     +         !  !       +     +         !        +     !
admin        +     !      !          .     .          .     .         .  .       .     .         .        .     .
unheardof    !     !      !          .     .          .     .         .  .       .     .         .        .     .
"""  # noqa: E501 - a table is read across
COLUMNS = (
    ("private", "owner"), ("private", "person"), ("private", "stranger"),
    ("group", "admin"), ("group", "member"),
    ("supergroup", "admin"), ("supergroup", "anonymous"), ("supergroup", "ex-admin"),
    ("supergroup", "member"),
    ("topic", "admin"), ("topic", "anonymous"), ("topic", "member"),
    ("not let in", "admin"), ("not let in", "member"),
)  # fmt: skip
ROWS = {line.split()[0]: line.split()[1:] for line in TABLE.strip().splitlines()[2:]}
ACTORS = {"owner": OWNER, "person": ANN, "stranger": EVE, "member": ANN, "ex-admin": EVE}


def test_the_table_has_every_command() -> None:
    assert {*COMMANDS, *ADMIN_COMMANDS, "start", "admin"} == ROWS.keys() - {"unheardof"}
    assert all(len(cells) == len(COLUMNS) for cells in ROWS.values())


@pytest.mark.parametrize(("kind", "role"), COLUMNS)
async def test_everybody_may_do_what_the_table_says(kind: str, role: str, run: Running) -> None:
    column = COLUMNS.index((kind, role))
    async with run(access="approval") as stage:
        chat_id = await _let_in(stage, kind, role)
        said = {command: await _met(stage, kind, role, chat_id, command) for command in ROWS}
    assert said == {command: cells[column] for command, cells in ROWS.items()}


async def _let_in(stage: Stage, kind: str, role: str) -> int:
    """Make the chat, and let the owner approve it unless it is a stranger's."""
    await stage.say(OWNER, "/start")
    if kind == "private":
        return await _private(stage, role)
    group = {"group": GROUP, "topic": FORUM}.get(kind, SUPERGROUP)
    telegram = stage.telegram
    telegram.add_group(group, "Team", "group" if kind == "group" else "supergroup", kind == "topic")
    telegram.join(group, BOB, "creator", anonymous=role == "anonymous")
    telegram.join(group, ANN)
    telegram.join(group, EVE, "administrator")
    telegram.add_bot(group, as_admin=kind != "group")
    await stage.see(group, "/buy gets one")
    if kind != "not let in":
        await stage.see_button(OWNER, "Approve")
        await stage.press(OWNER, "Approve")
        await stage.see(group, "has approved")
    if role == "ex-admin":
        await stage.say(EVE, "/pause", group)
        telegram.demote(group, EVE, by=BOB)
        await stage.say(BOB, "/resume", group)  # handled after the demotion, which is Bob's as well
    return group


async def _private(stage: Stage, role: str) -> int:
    user_id = ACTORS[role]
    if role == "person":
        await stage.say(user_id, "/start")
        await stage.see_button(OWNER, "Approve")
        await stage.press(OWNER, "Approve")
        await stage.see(user_id, "has approved")
    return user_id


async def _met(stage: Stage, kind: str, role: str, chat_id: int, command: str) -> str:
    """Type a command, then one that is always answered; tell what came in between."""
    user_id = ACTORS.get(role, BOB)
    thread_id = stage.telegram.add_topic(chat_id, command, by=BOB) if kind == "topic" else None
    anonymous = role == "anonymous"

    def say(text: str) -> JsonObject:
        return stage.telegram.say(user_id, chat_id, text, thread_id=thread_id, anonymous=anonymous)

    first = say(f"/{command}")
    say("/help")
    helps = 2 if command == "help" else 1
    answers = await stage.telegram.wait_for(
        lambda: _after(stage, chat_id, first["message_id"], helps), PATIENCE
    )
    answers = [one for one in answers if HELP not in one]
    if command == "help":
        return "+"
    if not answers:
        return "."
    return "!" if any(words in one for one in answers for words in REFUSALS) else "+"


def _after(stage: Stage, chat_id: int, first: int, helps: int) -> list[str] | None:
    """What the bot has written since, once the help that was asked for last is there."""
    since = [one for one in stage.telegram.messages_to(chat_id) if one["message_id"] > first]
    answers = [str(one.get("text", one.get("caption"))) for one in since]
    return answers if sum(HELP in one for one in answers) >= helps else None
