"""What costs much is looked up once for all who ask within a while."""

import asyncio

from bot.workflows.memory import Memory


class Library:
    """Counts how often it is asked, and keeps the time."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.now = 0.0
        self.memory = Memory(self.look, 120.0, lambda: self.now)

    async def look(self, key: str) -> str:
        self.asked.append(key)
        await asyncio.sleep(0)
        return f"{key} {len(self.asked)}"


async def test_many_who_ask_at_once_cost_one_look() -> None:
    library = Library()
    found = await asyncio.gather(*(library.memory.get("a") for _ in range(10)))
    assert (set(found), library.asked) == ({"a 1"}, ["a"])


async def test_an_answer_is_given_again_for_a_while() -> None:
    library = Library()
    for now, found in ((0.0, "a 1"), (119.9, "a 1"), (120.0, "a 2")):
        library.now = now
        assert await library.memory.get("a") == found
    assert await library.memory.get("b") == "b 3"
