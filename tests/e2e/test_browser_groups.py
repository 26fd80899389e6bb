"""Groups on the demo's page in a real browser: members, mentions, links, pictures, files."""

import asyncio
import re
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Route, expect

from bot.sandbox.demo import build_application
from bot.sandbox.personas import GROUP_ADMIN, MEMBER, OWNER, STRANGER, populate
from bot.sandbox.serve import serve
from bot.sandbox.spotsms import SpotSmsSandbox
from bot.sandbox.telegram import JsonObject, TelegramSandbox
from tests.e2e.browser import PHONE, Visitor, open_page

if TYPE_CHECKING:  # it takes seconds to load, also where no browser is wanted
    from aiogram import Bot

pytestmark = pytest.mark.browser

TOKEN = "100:TEST"
BOT_ID = 100
TRIP = "Weekend trip"
LINK = "https://t.me/demo_bot"


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


WIDTH, HEIGHT = 80, 60
PICTURE = b"".join(
    [
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress((b"\0" + b"\x7f" * WIDTH) * HEIGHT)),
        _chunk(b"IEND", b""),
    ]
)


@dataclass
class Scene:
    """The page with nobody's program behind the bot: the test calls in its name."""

    telegram: TelegramSandbox
    bot: "Bot"
    visitor: Visitor

    @property
    def trip(self) -> int:
        return next(one.id for one in self.telegram.chats.values() if one.title == TRIP)

    def status(self, user_id: int) -> str:
        member = self.telegram.chat(self.trip).members.get(user_id)
        return member.status if member else "absent"

    async def until_status(self, user_id: int, status: str) -> None:
        await self.telegram.wait_for(lambda: self.status(user_id) == status)

    async def heard(self, chat_id: int, text: str) -> JsonObject:
        """What a persona wrote, as soon as it is there."""

        def look() -> JsonObject | None:
            chat = self.telegram.chats.get(chat_id)
            found = [one for one in (chat.messages if chat else []) if one.get("text") == text]
            return found[0] if found else None

        return await self.telegram.wait_for(look)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    telegram = TelegramSandbox(TOKEN)
    populate(telegram)
    application = build_application(SpotSmsSandbox(keys={"test-key"}), telegram, asyncio.Event())
    async with (
        serve(application) as url,
        Bot(TOKEN, AiohttpSession(api=TelegramAPIServer.from_base(f"{url}/telegram"))) as bot,
        open_page(url) as page,
    ):
        yield Scene(telegram, bot, Visitor(page))


async def test_an_admin_manages_members_and_the_page_shows_their_roles(scene: Scene) -> None:
    visitor = scene.visitor
    await visitor.become("Greta")
    await visitor.enter(TRIP)
    await visitor.look_at_members()
    rows = visitor.sheet.locator(".member")
    await expect(rows.filter(has_text="Milo")).to_contain_text("member")
    await visitor.change_member("Milo", "Promote to admin")
    await expect(rows.filter(has_text="Milo")).to_contain_text("admin")
    await visitor.sheet.get_by_role("button", name="Dismiss admin").click()
    await scene.until_status(MEMBER.user_id, "member")
    await visitor.sheet.get_by_role("button", name="Remove").click()
    await scene.until_status(MEMBER.user_id, "kicked")
    await visitor.sheet.get_by_role("button", name="Add Umar").click()
    await scene.until_status(STRANGER.user_id, "member")
    await visitor.change_member("SpotSMS", "Dismiss admin")
    await scene.until_status(BOT_ID, "member")
    await visitor.change_member("Olivia", "Copy id")
    assert await visitor.sheet.get_by_role("button", name="Remove").count() == 0


async def test_a_plain_member_may_only_leave(scene: Scene) -> None:
    visitor = scene.visitor
    await visitor.become("Milo")
    await visitor.enter(TRIP)
    await visitor.look_at_members()
    await visitor.sheet.get_by_role("button", name="What to do about Greta").click()
    await expect(visitor.sheet.locator(".member.open .chip")).to_have_text(["Mention", "Copy id"])
    await visitor.change_member("Milo", "Leave group")
    await scene.until_status(MEMBER.user_id, "left")
    await expect(visitor.page.locator(".chat-row").filter(has_text=TRIP)).to_have_count(0)


async def test_a_press_counts_though_the_page_learns_of_something_meanwhile(scene: Scene) -> None:
    page = scene.visitor.page
    await page.locator(".personas").get_by_role("button", name="Milo").hover()
    await page.mouse.down()
    async with page.expect_response("**/sandbox/world*"):
        scene.telegram.add_user(1005, "Nina")
        scene.telegram.join(scene.trip, 1005)
    await page.evaluate("new Promise(requestAnimationFrame)")
    await page.mouse.up()
    await expect(page.locator(".personas h1")).to_contain_text("Milo")
    await expect(page.locator(".chat-row").filter(has_text=TRIP)).to_contain_text("Nina joined")


async def test_what_is_typed_right_after_another_person_was_chosen_stays(scene: Scene) -> None:
    """All of it in one go, before anything that the page put off."""
    page = scene.visitor.page
    greta = page.locator(".personas").get_by_role("button", name="Greta")
    await greta.evaluate(
        """(greta) => {
            for (const kind of ["pointerdown", "pointerup"]) {
                greta.dispatchEvent(new PointerEvent(kind, { bubbles: true }));
            }
            greta.click();
            const field = document.querySelector("#composer textarea");
            field.value = "Hello";
            field.dispatchEvent(new Event("input"));
        }"""
    )
    await page.evaluate("new Promise((done) => setTimeout(done, 100))")
    await expect(page.locator(".personas h1")).to_contain_text("Greta")
    await expect(page.get_by_label("Message", exact=True)).to_have_value("Hello")


async def test_what_is_typed_while_the_page_still_loads_stays(scene: Scene) -> None:
    visitor = scene.visitor
    typed = asyncio.Event()

    async def later(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    await visitor.page.route("**/sandbox/messages?*", later)
    await visitor.page.reload()
    await visitor.become("Greta")
    await visitor.enter(TRIP)
    field = visitor.page.get_by_label("Message", exact=True)
    await field.fill("Hello")
    async with visitor.page.expect_response("**/sandbox/calls*"):
        typed.set()
    await visitor.page.evaluate("new Promise(requestAnimationFrame)")
    await expect(field).to_have_value("Hello")


async def test_what_is_said_while_the_page_still_loads_is_shown(scene: Scene) -> None:
    page = scene.visitor.page
    scene.telegram.open_private(OWNER.user_id)
    answered, said = asyncio.Event(), asyncio.Event()

    async def later(route: Route) -> None:
        response = await route.fetch()
        answered.set()
        await said.wait()
        await route.fulfill(response=response)

    await page.route(f"**/sandbox/messages?chat_id={OWNER.user_id}&*", later)
    await page.reload()
    await answered.wait()
    await scene.bot.send_message(OWNER.user_id, "Hello")
    await page.evaluate("new Promise((done) => setTimeout(done, 100))")
    said.set()
    await expect(scene.visitor.message("Hello")).to_be_visible()


async def test_an_admin_writes_anonymously(scene: Scene) -> None:
    visitor = scene.visitor
    await visitor.become("Greta")
    await visitor.enter(TRIP)
    await visitor.page.get_by_role("button", name="Write as the group").click()
    await visitor.page.get_by_role("button", name="write as yourself").wait_for()
    await visitor.say("/settings")
    said = await scene.heard(scene.trip, "/settings")
    assert said["sender_chat"]["id"] == scene.trip


async def test_a_picked_mention_is_the_username_and_else_carries_the_id(scene: Scene) -> None:
    visitor = scene.visitor
    field = visitor.page.get_by_label("Message", exact=True)
    await visitor.become("Greta")
    await visitor.enter(TRIP)
    await field.fill("/limit @mi")
    await visitor.page.get_by_role("option", name="Milo").click()
    await field.press_sequentially("5")
    await field.press("Enter")
    said = await scene.heard(scene.trip, "/limit @milo_demo 5")
    assert said["entities"][1]["type"] == "mention"
    scene.telegram.add_user(1005, "Nina")
    await field.fill("/limit @ni")
    scene.telegram.join(scene.trip, 1005)
    await visitor.page.get_by_role("option", name="Nina").click()
    await field.press("Enter")
    said = await scene.heard(scene.trip, "/limit Nina")
    assert said["entities"][1]["user"]["id"] == 1005
    await visitor.look_at_members()
    await visitor.change_member("Olivia", "Mention")
    await field.press("Enter")
    said = await scene.heard(scene.trip, "Olivia")
    assert said["entities"][0]["user"]["id"] == OWNER.user_id


async def test_a_link_starts_the_bot_as_whoever_opens_it(scene: Scene) -> None:
    visitor = scene.visitor
    scene.telegram.open_private(OWNER.user_id)
    await scene.bot.send_message(OWNER.user_id, f"Invite: {LINK}?start=invite1")
    await visitor.page.get_by_role("link", name="start=invite1").click()
    await visitor.sheet.get_by_role("button", name="Umar").click()
    await scene.heard(STRANGER.user_id, "/start invite1")
    await expect(visitor.page.locator(".message.out")).to_contain_text("/start invite1")


async def test_a_link_brings_the_bot_into_a_new_group(scene: Scene) -> None:
    visitor = scene.visitor
    scene.telegram.open_private(OWNER.user_id)
    await scene.bot.send_message(OWNER.user_id, f"Invite: {LINK}?startgroup=invite2")
    await visitor.page.get_by_role("link", name="startgroup=invite2").click()
    await visitor.sheet.get_by_role("button", name="Umar").click()
    await visitor.sheet.get_by_role("button", name="A new group").click()
    await visitor.sheet.get_by_label("Name of the group").fill("Chess club")
    await visitor.sheet.get_by_role("button", name="Create").click()
    await expect(visitor.page.locator(".message.out")).to_contain_text("/start@demo_bot invite2")
    await visitor.look_at_members()
    await visitor.sheet.get_by_role("button", name="Make it a supergroup").click()
    club = await scene.telegram.wait_for(
        lambda: next((one for one in scene.telegram.chats.values() if one.migrated_to), None)
    )
    assert (club.title, club.members[BOT_ID].status) == ("Chess club", "member")
    await visitor.sheet.get_by_role("button", name="Close").click()
    await expect(visitor.page.locator(".service").last).to_contain_text("was a group before")


async def test_a_new_group_says_how_the_bot_comes_in(scene: Scene) -> None:
    visitor = scene.visitor
    await visitor.become("Greta")
    await visitor.page.get_by_role("button", name="New group").click()
    await visitor.sheet.get_by_label("Name of the group").fill("Chess club")
    await visitor.sheet.get_by_role("button", name="Create").click()
    hint = visitor.page.locator(".service").filter(has_text="to add SpotSMS")
    await expect(hint).to_be_visible()
    await expect(visitor.page.locator(".about")).to_contain_text("1 member: Greta")
    await visitor.look_at_members()
    await visitor.sheet.get_by_role("button", name="Add SpotSMS").click()
    await expect(hint).to_have_count(0)
    await expect(visitor.page.locator(".about")).to_contain_text("2 members: Greta, SpotSMS")


async def test_the_bot_s_description_greets_whoever_has_not_started_it(scene: Scene) -> None:
    greeting = scene.visitor.page.locator(".greeting")
    await expect(greeting).to_contain_text("Press START")
    await scene.bot.set_my_description("Sells numbers.")
    await expect(greeting).to_contain_text("Sells numbers.")


async def test_a_telegram_fault_is_lit_until_it_strikes_or_is_cleared(scene: Scene) -> None:
    page = scene.visitor.page
    scene.telegram.open_private(OWNER.user_id)
    fault = page.get_by_role("button", name="Telegram 502")
    clear = page.get_by_role("button", name="Clear", exact=True)
    await fault.click()
    await expect(fault).to_have_class("fault armed")
    await clear.click()
    await expect(fault).to_have_class("fault")
    await scene.bot.send_message(OWNER.user_id, "Hello")
    await fault.click()
    await expect(fault).to_have_class("fault armed")
    from aiogram.exceptions import TelegramServerError

    with pytest.raises(TelegramServerError):
        await scene.bot.send_message(OWNER.user_id, "Hello")
    await expect(fault).to_have_class("fault")
    await expect(clear).to_be_hidden()


async def test_the_log_shows_a_caption_without_its_tags(scene: Scene) -> None:
    scene.telegram.open_private(OWNER.user_id)
    from aiogram.types import BufferedInputFile

    file = BufferedInputFile(b"a,b\n", "history.csv")
    await scene.bot.send_document(
        OWNER.user_id, file, caption="<b>Last</b> week", parse_mode="HTML"
    )
    await expect(scene.visitor.page.locator(".gist").first).to_have_text("Last week")


async def test_pictures_are_enlarged_and_files_saved(scene: Scene) -> None:
    visitor = scene.visitor
    await visitor.page.set_viewport_size(PHONE)
    scene.telegram.open_private(OWNER.user_id)
    from aiogram.types import BufferedInputFile

    picture = BufferedInputFile(PICTURE, "stats.png")
    await scene.bot.send_photo(OWNER.user_id, picture, caption="Last 7 days")
    await scene.bot.send_document(OWNER.user_id, BufferedInputFile(b"a,b\n", "history.csv"))
    image = visitor.message("Last 7 days").locator("img")
    await expect(image).to_be_visible()
    assert await image.evaluate("image => image.naturalWidth") == WIDTH
    await visitor.no_wider_than_the_screen()
    async with visitor.page.expect_download() as saved:
        await visitor.page.get_by_role("link", name=re.compile("history.csv")).click()
    assert (await saved.value).suggested_filename == "history.csv"
    await image.click()
    await expect(visitor.sheet.locator("img")).to_be_visible()
    await visitor.no_wider_than_the_screen()
    await visitor.sheet.get_by_role("button", name="Close").click()
    await expect(visitor.sheet).to_have_count(0)


async def test_what_is_not_taken_stays_in_the_field(scene: Scene) -> None:
    visitor = scene.visitor
    forum = next(one for one in scene.telegram.chats.values() if one.is_forum)
    topic = next(one for one in forum.topics.values() if one.name == "Accounts")
    await visitor.become("Milo")
    await visitor.enter("Repair café")
    await visitor.page.get_by_role("button", name="Accounts", exact=True).click()
    scene.telegram.close_topic(forum.id, topic.id)
    await visitor.say("/buy telegram")
    await expect(visitor.page.locator(".toast")).to_be_visible()
    await expect(visitor.page.get_by_label("Message", exact=True)).to_have_value("/buy telegram")
    scene.telegram.reopen_topic(forum.id, topic.id)
    await visitor.page.get_by_role("button", name="Send", exact=True).click()
    await scene.heard(forum.id, "/buy telegram")
    await expect(visitor.page.get_by_label("Message", exact=True)).to_have_value("")


async def test_a_new_topic_is_opened_from_the_page(scene: Scene) -> None:
    visitor = scene.visitor
    await visitor.become("Greta")
    await visitor.enter("Repair café")
    await visitor.page.get_by_role("button", name="New topic").click()
    await visitor.sheet.get_by_label("Name of the topic").fill("Tools")
    await visitor.sheet.get_by_role("button", name="Create").click()
    await visitor.say("/buy")
    forum = next(one for one in scene.telegram.chats.values() if one.is_forum)
    said = await scene.heard(forum.id, "/buy")
    assert forum.topics[said["message_thread_id"]].name == "Tools"
    tab = visitor.page.get_by_role("navigation", name="Topics").get_by_role("button", name="Tools")
    await expect(tab).to_have_attribute("aria-pressed", "true")
    assert said["from"]["id"] == GROUP_ADMIN.user_id
