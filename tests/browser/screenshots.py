"""Pictures of the page for the documents: `make screenshots` takes them again, from the prepared team's own weeks.

Each picture is taken of the real page, in a real Chromium, with the real bot behind it.
"""

import asyncio
import sys
from datetime import date
from pathlib import Path
from typing import Any

from playground.sandbox import Sandbox, running_sandbox
from playground.server.server import PlaygroundServer
from tests.browser import browser
from tests.browser.browser import Window
from tests.project.paths import PROJECT

PICTURES = PROJECT / "docs" / "pictures"
FIRST_DAY = date(2030, 2, 11)
WIDE = {"width": 1280, "height": 800}
TALL = {"width": 1280, "height": 1080}
NARROW = {"width": 390, "height": 844}
WIN = "/win the import reads ten thousand lines in a second, thanks to @ben #quality"
ROUNDUP = "This week's wins: March 4"
"""How the heading of the roundup begins that is in the pictures."""


async def take() -> None:
    """Take every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with running_sandbox(first_day=FIRST_DAY) as sandbox, browser.chromium() as chromium:
        server = PlaygroundServer(sandbox)
        base, _, key = (await server.start()).partition("?")

        async def opens(who: str, where: str = "general", **options: Any) -> Window:
            context = await chromium.new_context(
                **{"viewport": WIDE, "reduced_motion": "reduce", "locale": "en-GB"} | options
            )
            context.set_default_timeout(browser.TIMEOUT_MS)
            window = Window(await context.new_page())
            return await window.opens(f"{base}?{key}#/{who}/{where}")

        try:
            await _picture_wins(opens)
            await _picture_admin_features(opens, sandbox)
        finally:
            await server.stop()


async def _picture_wins(opens: Any) -> None:
    ana = await opens("ana")
    await ana.page.get_by_label("Hide getting started").click()
    await ana.types(WIN)
    win = await ana.sees("Ana: the import reads")
    dark = await opens("chloe", color_scheme="dark")
    await (await dark.sees("Ana: the import reads")).get_by_role("button", name="Cheer").click()
    await ana.sees("Cheered by Chloe")
    for emoji in ("tada", "sparkles"):
        await _react(dark, "Ana: the import reads", emoji)
    await _react(ana, "Dmitri: answered a support question", "clap")
    await win.evaluate("message => message.scrollIntoView()")
    await ana.page.locator(".newer").wait_for(state="detached")
    await _move_pointer_away(ana)
    await _take(ana, "a-win")

    await ana.page.locator("#composer").fill("/wi")
    await ana.page.locator(".suggestions").wait_for()
    await _take(ana, "commands")
    await ana.page.locator("#composer").fill("")

    await ana.presses("API log")
    await ana.page.locator(".api-log-line", has_text="chat.postMessage").first.locator("summary").click()
    await _take(ana, "api-log")
    await ana.presses("Close API log")

    await ana.presses("Jump to Friday 16:00")
    roundup = await ana.sees(ROUNDUP)
    await ana.page.locator(".clockbar .progress").wait_for(state="detached")
    await ana.page.locator(".status").wait_for(state="detached")
    await _react(dark, ROUNDUP, "heart")
    await _react(ana, ROUNDUP, "raised_hands")
    await ana.reaches(roundup, "Reply in thread")
    await ana.page.locator(".thread textarea").fill("What a week. Thank you all! :heart:")
    await ana.page.keyboard.press("Enter")
    await ana.page.locator(".thread .message", has_text="What a week").wait_for()
    await _move_pointer_away(ana)
    await _take(ana, "roundup")

    await ana.page.get_by_label("Close thread").click()
    await ana.presses("Simulate problems", exact=False)
    await ana.page.get_by_role("menuitemcheckbox", name="Rate limit (429)").click()
    await ana.types("/win kept calm while Slack said no")
    await ana.page.locator(".status", has_text="1 message waiting").wait_for()
    await _move_pointer_away(ana)
    await _take(ana, "trouble")
    await ana.presses("Simulate problems", exact=False)
    await ana.page.get_by_role("menuitemcheckbox", name="Rate limit (429)").click()
    await ana.sees("Ana: kept calm")

    await dark.page.get_by_label("Hide getting started").click()
    await dark.page.locator(".status").wait_for(state="detached")
    await _move_pointer_away(dark)
    await _take(dark, "roundup-dark")

    ben = await opens("ben", viewport=NARROW, color_scheme="light")
    await ben.page.get_by_label("Hide getting started").click()
    await _take(ben, "narrow")
    night = await opens("chloe", viewport=NARROW, color_scheme="dark")
    await night.page.get_by_label("Hide getting started").click()
    await night.page.get_by_label("Open channel list").click()
    await _take(night, "narrow-dark")


async def _picture_admin_features(opens: Any, sandbox: Sandbox) -> None:
    ana = await opens("ana")
    await ana.page.get_by_label("Hide getting started").click()
    await ana.page.locator("a[data-where=random]").click()
    await ana.page.locator("h1", has_text="random").wait_for()
    await ana.types("/invite @winsome")
    offer = await ana.sees("Thanks for the invite!")
    await _move_pointer_away(ana)
    await _take(ana, "offer")
    await offer.get_by_role("button", name="Yes, set it up").click()
    await ana.sees("Ana set up a roundup for this channel")

    await ana.page.locator("a[data-where=product]").click()
    await ana.page.locator("h1", has_text="product").wait_for()
    await ana.page.set_viewport_size(TALL)
    await ana.types("/wins setup")
    form = ana.page.get_by_role("dialog", name="Roundup settings")
    await form.get_by_role("combobox", name="How often").click()
    await ana.page.get_by_role("option", name="Monthly, on a weekday").click()
    await form.get_by_role("combobox", name="Time zone").fill("new y")
    await ana.page.get_by_role("option", name="New York").first.click()
    await form.get_by_text("(New York time)").first.wait_for()
    await form.get_by_text("your time").first.wait_for()
    await _move_pointer_away(ana)
    await _take(ana, "setup")
    await ana.page.keyboard.press("Escape")
    await form.wait_for(state="detached")
    await ana.page.set_viewport_size(WIDE)

    await ana.page.locator("a[data-where=general]").click()
    await ana.page.locator("h1", has_text="general").wait_for()
    await ana.types("/win said thank you to the team that keeps our servers up #thanks")
    await ana.sees("Ana: said thank you")
    await ana.types("/wins preview")
    await ana.sees("Here's the roundup so far")
    await _move_pointer_away(ana)
    await _take(ana, "preview")

    product = sandbox.slack.world.workspaces[sandbox.slack.team_id].channel_named("product")
    assert product, "#product is there"
    await sandbox.slack.archive(product)
    for scheme, name in (("light", "home"), ("dark", "home-dark")):
        window = await opens("ana", color_scheme=scheme)
        await window.page.get_by_label("Hide getting started").click()
        await window.page.locator("a[data-where=app]").click()
        await window.page.get_by_role("tab", name="Home").click()
        await window.page.get_by_role("heading", name="Needs your attention").wait_for()
        await _take(window, name)


async def _react(window: Window, text: str, emoji: str) -> None:
    message = await window.sees(text)
    await message.hover()
    await message.locator(".tools").get_by_label("Add a reaction").click()
    await window.page.get_by_label("Search emoji").fill(emoji)
    await window.page.keyboard.press("Enter")
    await message.locator(".reaction.mine").first.wait_for()


async def _move_pointer_away(window: Window) -> None:
    """Put pointer and focus where they mark nothing."""
    await window.page.mouse.move(5, 5)
    await window.page.evaluate("document.activeElement.blur()")


async def _take(window: Window, name: str) -> None:
    await window.page.wait_for_timeout(400)
    path = PICTURES / f"{name}.png"
    await window.page.screenshot(path=path)
    _squeeze(path)
    print(f"{path.relative_to(PROJECT)}  {path.stat().st_size // 1024} kB")


def _squeeze(path: Path) -> None:
    """Give a picture a palette, which makes it a third of its size; without Pillow it stays as it is."""
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


if __name__ == "__main__":
    if (why := browser.missing()) is not None:
        sys.exit(f"No pictures: {why}")
    asyncio.run(take())
