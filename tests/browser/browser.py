"""A real Chromium, if this machine has one."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

TIMEOUT_MS = 60_000
"""Milliseconds to wait for what should be seen. A machine that does much else needs seconds for what is done in one."""
EXECUTABLES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The first that there is. The headless shell renders the same page, and starts no browser window around each."""
LAUNCH_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing() -> str | None:
    """Say what is missing for tests in a browser; None if nothing is."""
    if find_spec("playwright") is None:
        return "the Python package playwright is not installed: the page is not tested in a browser"
    if executable() is None:
        names = ", ".join(EXECUTABLES)
        return f"no browser is installed ({names}): the page is not tested in one. apt-get install {EXECUTABLES[0]}"
    return None


def executable() -> str | None:
    """Return the path of a browser."""
    return next((path for name in EXECUTABLES if (path := shutil.which(name))), None)


@asynccontextmanager
async def chromium() -> AsyncIterator["Browser"]:
    """A browser that is closed at the end."""
    from playwright.async_api import async_playwright, expect

    expect.set_options(timeout=TIMEOUT_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=LAUNCH_ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


class Window:
    """An open page, and what someone does in it."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: self.problems.append(said.text) if said.type == "error" else None)

    async def opens(self, address: str, *, ready: bool = True) -> "Window":
        """Go to an address, and wait until one can do something there."""
        await self.page.goto(address)
        await self.page.wait_for_selector("#composer")
        if ready:
            await self.page.wait_for_selector(".clockbar .progress", state="detached")
        return self

    async def types(self, text: str) -> None:
        """Write something into the box, and send it."""
        box = self.page.locator("#composer")
        await box.fill(text)
        await box.press("Escape")
        await box.press("Enter")

    async def sees(self, text: str) -> Any:
        """Wait for a message that says `text`, and return the last one; what is in the box to change it is not said."""
        from playwright.async_api import TimeoutError as NotThere

        message = self.page.locator("main .message:not(:has(.edit))", has_text=text).last
        try:
            await message.wait_for()
        except NotThere:
            shown = await self.page.locator("body").inner_text()
            raise AssertionError(f"nobody says {text!r}; this is what the page shows:\n{shown}") from None
        return message

    async def reaches(self, message: Any, label: str) -> None:
        """Point at a message, and press what then shows on it; again, where it moved away under the pointer."""
        from playwright.async_api import TimeoutError as NotThere

        tool = message.get_by_label(label).first
        async with asyncio.timeout(TIMEOUT_MS / 1000):
            while True:
                await message.hover()
                try:
                    await tool.click(timeout=5_000)
                except NotThere:
                    await self.page.mouse.move(1, 1)
                else:
                    return

    async def gets_form(self, command: str, name: str) -> Any:
        """Type a command, and return the form that it opens when it can be filled in.

        On a machine so busy that the bot does not answer Slack in time, one is told to try again, and does.
        """
        from playwright.async_api import expect

        form = self.page.get_by_role("dialog", name=name)
        send = form.locator("button[type=submit]")
        again = self.page.get_by_text(re.compile("Please try (that )?again|failed with the error|didn't respond"))
        for _ in range(4):
            before = await again.count()
            await self.types(command)
            await send.or_(again.nth(before)).first.wait_for()
            if await send.count():
                return form
            if await self.page.get_by_role("dialog").count():
                await self.page.get_by_role("button", name="Close").last.click()
                await expect(self.page.get_by_role("dialog")).to_have_count(0)
        raise AssertionError(f"{command} never opened {name!r}")

    async def finds(self, field: Any, typed: str, option: str) -> None:
        """Type into a menu, and choose an option; type it again where the bot did not answer Slack in time."""
        from playwright.async_api import TimeoutError as NotThere

        for _ in range(4):
            await field.fill("")
            await field.fill(typed)
            try:
                await self.page.get_by_role("option", name=option).click(timeout=TIMEOUT_MS / 4)
            except NotThere:
                continue
            return
        raise AssertionError(f"{typed!r} never finds {option!r}")

    async def no_longer_sees(self, text: str) -> None:
        """Wait until no message holds `text`."""
        await self.page.locator("main .message", has_text=text).first.wait_for(state="detached")

    async def becomes(self, real_name: str) -> None:
        """Switch to someone else."""
        await self.page.locator(".switcher").click()
        await self.page.get_by_role("menuitem", name=real_name).first.click()
        await self.page.locator(".switcher", has_text=real_name).wait_for()
        await self.page.wait_for_selector("#composer")

    async def presses(self, name: str, *, exact: bool = True) -> None:
        """Press the button of that name."""
        await self.page.get_by_role("button", name=name, exact=exact).click()


async def until(page: Any, condition: str) -> None:
    """Wait until a JavaScript expression is true. The page's policy lets `wait_for_function` look only once."""
    for _ in range(TIMEOUT_MS // 50):
        if await page.evaluate(f"Boolean({condition})"):
            return
        await page.wait_for_timeout(50)
    raise AssertionError(f"never true: {condition}")
