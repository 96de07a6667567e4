"""What people do with their own messages and files on the page, and the place that they read at."""

import asyncio
from typing import Any

import pytest

from playground.sandbox import Sandbox
from tests.browser.conftest import Opens, channel, person

KEPT = """() => {
    const kept = Object.entries(sessionStorage).find(([key]) => key.startsWith("winsome:scroll"));
    return kept ? JSON.parse(kept[1]) : null;
}"""
IS_THERE = """([ts, top]) => {
    const edge = document.querySelector("main .messages")?.getBoundingClientRect().top;
    const found = document.querySelector(`main [data-ts="${ts}"]`)?.getBoundingClientRect().top;
    return Math.abs(found - edge - top) < 3;
}"""
"""Whether a message is where it was noted to be, except for what is lost in rounding."""


async def resting_place(page: Any) -> list[Any]:
    """The message that is noted as the place one reads at, and how far from the top, once the scrolling rests there."""
    async with asyncio.timeout(60):
        while True:
            kept = await page.evaluate(KEPT)
            if kept and await page.evaluate(IS_THERE, [kept["ts"], kept["top"]]):
                return [kept["ts"], kept["top"]]
            await page.wait_for_timeout(100)


@pytest.mark.deep
async def test_change_ones_mind_about_what_one_said(opens: Opens) -> None:
    window = await opens("ana")
    page = window.page
    await window.types("Lunch with @ben & <friends> at noon")
    message = await window.sees("Lunch with")
    await window.reaches(message, "More actions")
    await page.get_by_role("menuitem", name="Edit", exact=True).click()
    box = page.get_by_label("Edit message")
    assert await box.input_value() == "Lunch with @Ben & <friends> at noon"
    await box.fill("Lunch with @chloe & <friends> at one")
    await box.press("Enter")
    edited = await window.sees("Lunch with @chloe & <friends> at one")
    assert "(edited)" in await edited.inner_text()

    await window.reaches(edited, "More actions")
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    await window.no_longer_sees("Lunch with")


@pytest.mark.deep
async def test_nobody_changes_what_somebody_else_said(opens: Opens, sandbox: Sandbox) -> None:
    await sandbox.slack.say(person(sandbox, "ana"), channel(sandbox, "general"), "Mine")
    window = await opens("ben")
    message = await window.sees("Mine")
    await message.hover()
    await message.get_by_label("More actions").click()
    await window.page.get_by_role("menuitem", name="Save as a win").wait_for()
    for own in ("Edit", "Delete"):
        assert await window.page.get_by_role("menuitem", name=own, exact=True).count() == 0


@pytest.mark.deep
async def test_share_a_file(opens: Opens) -> None:
    ana, ben = await opens("ana"), await opens("ben")
    await ana.page.get_by_label("Attach a file").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"small wins"}
    )
    shared = await ben.sees("notes.txt")
    async with ben.page.expect_download() as download:
        await shared.get_by_role("link", name="Download").click()
    assert (await (await download.value).path()).read_bytes() == b"small wins"


@pytest.mark.deep
async def test_reloading_keeps_the_place_one_read_at(opens: Opens, sandbox: Sandbox) -> None:
    for number in range(200):
        await sandbox.slack.say(person(sandbox, "ben"), channel(sandbox, "general"), f"Number {number}.")
    window = await opens("ana")
    page = window.page
    await page.mouse.move(640, 400)
    await page.mouse.wheel(0, -2_000)
    place = await resting_place(page)
    await page.reload()
    await page.locator("main .message", has_text="Number 199.").wait_for(state="attached")
    async with asyncio.timeout(60):
        while not await page.evaluate(IS_THERE, place):
            await page.wait_for_timeout(100)
