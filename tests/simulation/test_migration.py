"""A group may become a supergroup at any moment, also between a tap and its purchase."""

import asyncio
from pathlib import Path

from bot.workflows.ports import Buyer
from bot.workflows.purchase import Place
from tests.simulation.clockwork import VirtualLoop, run_virtually
from tests.simulation.people import Person, Room
from tests.simulation.process import Process
from tests.simulation.storage import new_file
from tests.simulation.world import OWNERS, World

BUYER, OLD, NEW = 11, -1000, -1_000_001_000


def test_what_is_confirmed_while_its_group_moves_belongs_to_the_supergroup(
    tmp_path: Path,
) -> None:
    async def scenario(world: World) -> None:
        room = Room(OLD, [BUYER])
        await Person(world, BUYER, [room]).enter(room)
        quote_id: str = await world.act("asks", ask)
        confirming = asyncio.ensure_future(
            world.act("confirms", lambda process: confirm(process, quote_id))
        )
        await asyncio.sleep(0.01)
        world.telegram.migrate(OLD, NEW)
        await world.act("moves", lambda process: process.delivery.move_chat(OLD, NEW))
        await confirming
        await world.come_to_rest(900.0)
        world.check_end()
        (row,) = world.books.rows("SELECT chat_id FROM activations")
        assert row["chat_id"] == NEW

    async def ask(process: Process) -> str:
        service = await process.catalogue.service("0003")
        assert service is not None
        countries = await process.catalogue.countries("0003")
        place, offer = Place(OLD, None), service.offers[0]
        return (await process.purchases.quote(place, BUYER, service, offer, countries[0])).id

    async def confirm(process: Process, quote_id: str) -> object:
        return await process.purchases.confirm(quote_id, Buyer(BUYER, OLD), 1)

    async def main(loop: VirtualLoop) -> None:
        world = World(loop, "migration", tmp_path)
        for chat_id in (BUYER, OLD, *OWNERS):
            world.telegram.add(chat_id)
        await world.run(scenario(world))

    new_file(tmp_path)
    run_virtually(main)
