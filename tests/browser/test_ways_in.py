"""The ways to save a win on the page, beside /win: by shortcut, from a message, by mention, in a direct message."""

from typing import Any

import pytest

from playground.sandbox import Sandbox
from tests.browser.browser import Window, until
from tests.browser.conftest import Opens


@pytest.mark.deep
async def test_every_way_in_is_on_the_page(opens: Opens, sandbox: Sandbox) -> None:
    ana, ben = await opens("ana"), await opens("ben", viewport={"width": 390, "height": 844}, has_touch=True)
    page, form = ana.page, ana.page.get_by_role("dialog", name="Save a win")

    await ana.presses("Shortcuts")
    await page.get_by_role("menuitem", name="Save a win").click()
    assert await form.get_by_role("combobox", name="Channel").input_value() == "#general"
    await closes(form)

    await ana.types("@Winsome we shipped search")
    answer = await ana.sees("Want to save that as a win?")
    assert "Only visible to you" in await answer.inner_text()
    await answer.get_by_role("button", name="Save as a win").click()
    await saves(form, "we shipped search")
    await (await ben.sees("we shipped search")).get_by_text("1 reply").wait_for()

    await in_a_thread_by_keyboard(ana)

    await page.locator("a[data-where=app]").click()
    await page.locator(".home").get_by_role("button", name="Save a win").click()
    await form.wait_for()
    await closes(form)
    await finds_by_keyboard(ana)
    await page.get_by_role("tab", name="Messages").click()
    await ana.sees("Hi, I'm Winsome!")
    await ana.types("said no to a meeting")
    await (await ana.sees("Want to save that as a win?")).get_by_role("button", name="Save as a win").click()
    await saves(form, "said no to a meeting")
    await ana.sees("Win saved: said no to a meeting")

    await on_a_phone(ben)
    await sandbox.stop_bot()
    await ana.page.locator("a[data-where=general]").click()
    message = page.locator("main .message:not(.private)", has_text="a thread about")
    await ana.reaches(message, "More actions")
    await page.get_by_role("menuitem", name="Save as a win").click()
    await page.get_by_role("alert").get_by_text("Winsome didn't respond. Try again.").wait_for()


async def saves(form: Any, text: str) -> None:
    """Save what the form is filled in with."""
    await form.get_by_role("textbox", name="What happened?").filter(has_text=text).wait_for()
    await form.get_by_role("button", name="Save win").click()
    await form.wait_for(state="detached")


async def closes(form: Any) -> None:
    """Close the form without saving."""
    await form.get_by_role("button", name="Cancel").click()
    await form.wait_for(state="detached")


async def finds_by_keyboard(ana: Window) -> None:
    """Search on Home, then for something else in the modal that opens."""
    await ana.page.locator(".home").get_by_role("textbox", name="Find a win").fill("ship #")
    await ana.page.keyboard.press("Enter")
    modal = ana.page.get_by_role("dialog", name="Search wins")
    await modal.get_by_text("we shipped search").wait_for()
    await modal.get_by_role("textbox", name="Find a win").fill("commands")
    await ana.page.keyboard.press("Enter")
    await modal.get_by_text("they have every command now").wait_for()
    await modal.get_by_role("button", name="Close").last.click()
    await modal.wait_for(state="detached")


async def in_a_thread_by_keyboard(ana: Window) -> None:
    """Reply in a thread, mention the bot there, and save the reply as a win, all without a pointer."""
    page, keyboard = ana.page, ana.page.keyboard
    await ana.types("a thread about the docs")
    await (await ana.sees("a thread about")).focus()
    await tabs_to(page, "Reply in thread")
    await keyboard.press("Enter")
    await page.locator(".thread textarea:focus").wait_for()
    await keyboard.type("they have every command now")
    await keyboard.press("Enter")
    reply = page.locator(".thread .message", has_text="every command now")
    await reply.wait_for()
    await keyboard.type("@Winsome hello ")
    await keyboard.press("Enter")
    await page.locator(".thread .message.private", has_text="Tell me what went well").wait_for()
    await page.locator(".thread .day", has_text="2 replies").wait_for()
    assert await page.locator("main .message.private", has_text="Tell me what went well").count() == 0
    await reply.focus()
    await tabs_to(page, "More actions")
    await keyboard.press("Enter")
    await page.get_by_role("menuitem", name="Save as a win").wait_for()
    await keyboard.type("save")
    await keyboard.press("Enter")
    await page.get_by_role("dialog", name="Save a win").wait_for()
    await until(page, "document.activeElement.value === 'they have every command now'")
    for _ in range(25):
        if await page.evaluate("document.activeElement.innerText") == "Save win":
            break
        await keyboard.press("Tab")
    await keyboard.press("Enter")
    await page.locator(".thread .message", has_text="Ana: they have every command now").wait_for()
    await page.get_by_label("Close thread").click()


async def tabs_to(page: Any, label: str) -> None:
    """Move the focus on to the button with this label."""
    for _ in range(25):
        if await page.evaluate("document.activeElement.getAttribute('aria-label')") == label:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"no {label!r} by keyboard")


async def on_a_phone(ben: Window) -> None:
    """Touch a message, and save it as a win of the person who wrote it."""
    page = ben.page
    await page.locator("main .message:not(.private) .content", has_text="a thread about").tap()
    await page.get_by_label("More actions").tap()
    await page.get_by_role("menuitem", name="Save as a win").tap()
    form = page.get_by_role("dialog", name="Save a win")
    await form.get_by_label("Ana Ruiz").first.wait_for()
    box = await form.bounding_box()
    assert box
    assert box["width"] <= 390
    await saves(form, "a thread about the docs")
    await ben.sees("Win saved: a thread about the docs")
