"""The demo's page in a real browser, and somebody who visits it."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Locator, Page, ViewportSize, async_playwright, expect

DESKTOP = ViewportSize(width=1190, height=700)
TALL = ViewportSize(width=780, height=1430)
PHONE = ViewportSize(width=390, height=844)
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

expect.set_options(timeout=20_000)  # of milliseconds that a busy machine may take


@asynccontextmanager
async def open_page(url: str) -> AsyncIterator[Page]:
    """The page at ``url`` in a headless Chromium; an error of its scripts fails the test."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "this test needs Debian's package chromium"
    errors: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
        page = await browser.new_page(viewport=DESKTOP)
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(url)
        yield page
        await browser.close()
    assert errors == []


class Visitor:
    """What somebody does and sees on the page; words are found whatever their case."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.number = page.locator(".number.open").first
        self.balance = page.get_by_label("Balance in dollars")
        self.sheet = page.get_by_role("dialog")

    def message(self, words: str) -> Locator:
        """The newest message of the bot that holds the words, however they are spaced."""
        spaced = r"\s*".join(re.escape(letter) for letter in words if not letter.isspace())
        messages = self.page.locator(".message.in")
        return messages.filter(has_text=re.compile(spaced, re.IGNORECASE)).last

    async def become(self, name: str) -> None:
        await self.page.locator(".personas").get_by_role("button", name=name).click()

    async def enter(self, chat: str) -> None:
        """Open one of the persona's chats."""
        await self.page.locator(".chat-row").filter(has_text=chat).first.click()

    async def start(self) -> None:
        await self.page.get_by_role("button", name="START", exact=True).click()

    async def press(self, words: str, about: str = "") -> None:
        """Press the bot's newest button with the words, in a message about something."""
        buttons = self.page.locator(".message.in").filter(has_text=about).locator(".key")
        await buttons.filter(has_text=re.compile(re.escape(words), re.IGNORECASE)).last.click()

    async def say(self, text: str) -> None:
        await self.page.get_by_label("Message", exact=True).fill(text)
        await self.page.get_by_role("button", name="Send", exact=True).click()

    async def mention(self, text: str, name: str) -> None:
        """Say a text whose end is completed to somebody's name."""
        field = self.page.get_by_label("Message", exact=True)
        await field.fill(text)
        await self.page.get_by_role("option", name=name).click()
        await field.press("Enter")

    async def dismiss(self, words: str) -> None:
        """Read the words in an alert, and close it."""
        await expect(self.sheet).to_contain_text(words)
        await self.sheet.get_by_role("button", name="OK").click()

    async def confirm(self) -> str:
        """Confirm the quote, and give the number as console and chat show it."""
        await self.press("confirm")
        number = await self.number.locator(".digits").inner_text()
        await expect(self.message(number)).to_be_visible()
        return number

    async def send_sms(self, text: str) -> None:
        await self.number.get_by_label("Text of the SMS").fill(text)
        await self.number.get_by_role("button", name="Send SMS").click()

    async def look_at_members(self) -> None:
        """Open the sheet about the open group."""
        await self.page.locator(".about").click()

    async def change_member(self, name: str, act: str) -> None:
        """In that sheet, do something about somebody."""
        await self.sheet.get_by_role("button", name=f"What to do about {name}").click()
        await self.sheet.get_by_role("button", name=act).click()

    async def no_wider_than_the_screen(self) -> None:
        width = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0
