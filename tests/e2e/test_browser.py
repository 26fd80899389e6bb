"""Walks through the demo in a real browser: a newcomer, a stranger, a group and its admin."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.browser import PHONE, TALL, Visitor, open_page

pytestmark = pytest.mark.browser

START_SECONDS = 60
STOP_SECONDS = 15
CODE_MS = 10_000
"""How long a code may take: the demo looks every 2 s."""
PICTURE_MS = 20_000
"""How long a picture may take: matplotlib starts slowly on a busy machine."""

PICTURES = Path(__file__).parents[2] / "docs"
MAX_SCREENSHOT_BYTES = 200_000


@pytest.fixture
async def demo() -> AsyncIterator[str]:
    """The page's address, as ``python -m bot.sandbox`` prints it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox", "--port", "0", stdout=PIPE
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
        assert line.startswith(b"Demo: http://127.0.0.1:"), line
        yield line.decode().split()[1]
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), STOP_SECONDS) == 0
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
async def page(demo: str) -> AsyncIterator[Page]:
    async with open_page(demo) as page:
        yield page


async def test_a_newcomer_gets_a_code_and_for_the_next_number_a_refund(
    page: Page, tmp_path: Path
) -> None:
    visitor = Visitor(page)
    await visitor.start()
    await visitor.press("buy a number")
    await visitor.press("WhatsApp")
    await expect(visitor.message("Which country?")).to_be_visible()
    await visitor.press("search")
    await expect(visitor.message("Reply with its name")).to_be_visible()
    await visitor.say("turky")
    await visitor.confirm()
    await expect(visitor.balance).to_have_value("$49.75")

    await visitor.send_sms("Your WhatsApp code: 637-322. Do not share it.")
    await expect(visitor.message("637-322")).to_be_visible(timeout=CODE_MS)
    await take_screenshot(page, tmp_path, "screenshot.png")

    await visitor.say("/buy microsoft turkey")
    await visitor.confirm()
    await expect(visitor.balance).to_have_value("$49.66")
    await visitor.press("cancel")
    await expect(visitor.message("refund")).to_be_visible()
    await expect(visitor.balance).to_have_value("$49.75")


async def test_a_stranger_asks_and_is_let_in_by_the_owner(page: Page) -> None:
    visitor = Visitor(page)
    await visitor.start()
    await visitor.become("Umar")
    await visitor.start()
    await expect(visitor.message("asked the owner")).to_be_visible()
    await visitor.become("Olivia")
    await visitor.press("approve", about="Umar")
    await visitor.become("Umar")
    await expect(visitor.message("has approved")).to_be_visible()
    await visitor.say("/buy whatsapp turkey")
    await visitor.confirm()


async def test_a_group_is_ruled_by_its_admin(page: Page) -> None:
    visitor = Visitor(page)
    await visitor.become("Milo")
    await visitor.enter("Weekend trip")
    await visitor.say("/settings")
    await expect(visitor.message("Only an admin of this group")).to_be_visible()

    await visitor.become("Greta")
    await visitor.say("/settings")
    await visitor.press("pause")
    await expect(visitor.message("Purchases are paused")).to_be_visible()
    await visitor.become("Milo")
    await visitor.press("resume")
    await visitor.dismiss("Only an admin of this group")
    await visitor.say("/buy whatsapp turkey")
    await expect(visitor.message("Purchases are paused here")).to_be_visible()

    await visitor.become("Greta")
    await visitor.press("resume")
    await visitor.mention("/limit daily 0.30 @Mi", "Milo")
    await expect(visitor.message("Per day for Milo: $0.30")).to_be_visible()
    await visitor.become("Milo")
    await visitor.say("/buy whatsapp turkey")
    await visitor.confirm()
    await visitor.say("/buy whatsapp turkey")
    await visitor.press("confirm")
    await expect(visitor.message("Nothing was bought")).to_contain_text("daily limit of $0.30")


async def test_a_group_sees_a_code_only_through_its_buyer_and_its_spend_in_a_picture(
    page: Page, tmp_path: Path
) -> None:
    visitor = Visitor(page)
    await visitor.become("Milo")
    await visitor.enter("Weekend trip")
    await visitor.say("/buy whatsapp turkey")
    await visitor.confirm()
    await visitor.send_sms("Your WhatsApp code: 637-322.")
    await expect(visitor.message("a code has arrived for")).to_be_visible(timeout=CODE_MS)
    await visitor.become("Greta")
    await visitor.press("show the code")
    await visitor.dismiss("Only")
    await visitor.become("Milo")
    await visitor.press("show the code")
    await visitor.dismiss("637-322")

    await visitor.become("Greta")
    await visitor.say("/settings")
    await expect(visitor.message("Settings of this group")).to_be_visible()
    await visitor.say("/stats")
    picture = page.get_by_role("button", name="Enlarge the picture").locator("img")
    await expect(picture).to_be_visible(timeout=PICTURE_MS)
    light = await picture.get_attribute("src") or ""
    await visitor.press("dark")
    await expect(picture).not_to_have_attribute("src", light, timeout=PICTURE_MS)
    dark = await picture.get_attribute("src") or ""
    await visitor.press("light")
    await expect(picture).not_to_have_attribute("src", dark, timeout=PICTURE_MS)
    for viewport in (PHONE, TALL):
        await page.set_viewport_size(viewport)
        await visitor.no_wider_than_the_screen()
    await take_screenshot(page.locator("#chat"), tmp_path, "group.png")


async def test_an_invitation_lets_a_stranger_s_group_in(page: Page) -> None:
    visitor = Visitor(page)
    await visitor.start()
    await visitor.say("/admin")
    await visitor.press("Invite")
    await visitor.press("A group")
    await expect(visitor.message("For a group")).to_be_visible()
    await visitor.press("Make the link")
    await visitor.press("Copy the link")
    await visitor.sheet.get_by_role("button", name="Umar").click()
    await visitor.sheet.get_by_role("button", name="A new group").click()
    await visitor.sheet.get_by_label("Name of the group").fill("Chess club")
    await visitor.sheet.get_by_role("button", name="Create").click()
    await expect(visitor.message("This group may buy now")).to_be_visible()
    await visitor.say("/buy whatsapp turkey")
    await visitor.confirm()


async def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page) -> None:
    visitor = Visitor(page)
    await page.set_viewport_size(PHONE)
    await visitor.start()
    await expect(page.locator(".message.in").last).to_be_visible()
    for name in ("Sandbox console", "Close the console", "Chats"):
        await page.get_by_role("button", name=name, exact=True).click()
        await visitor.no_wider_than_the_screen()


async def test_on_a_phone_a_new_group_is_shown(page: Page) -> None:
    visitor = Visitor(page)
    await page.set_viewport_size(PHONE)
    await page.get_by_role("button", name="Chats", exact=True).click()
    await page.get_by_role("button", name="New group").click()
    await visitor.sheet.get_by_label("Name of the group").fill("Chess club")
    await visitor.sheet.get_by_role("button", name="Create").click()
    await expect(page.get_by_label("Message", exact=True)).to_be_visible()


async def take_screenshot(what: Page | Locator, tmp_path: Path, name: str) -> None:
    """Renew one of the README's pictures if ``UPDATE_SCREENSHOT`` asks for it."""
    wanted = bool(os.environ.get("UPDATE_SCREENSHOT"))
    path = (PICTURES if wanted else tmp_path) / name
    await expect(what.locator(".toast")).to_have_count(0)
    picture = await what.screenshot(path=path, animations="disabled")
    assert len(picture) < MAX_SCREENSHOT_BYTES or not wanted
