"""Wins that climb, on the page: one is chosen in the form, its page is read, and the climb is reached."""

from typing import Any

import pytest

from tests.browser.browser import Window
from tests.browser.conftest import Opens
from tests.browser.test_changing_forms import shoot


async def continues(window: Window, text: str, typed: str, option: str) -> Any:
    """Open the form, and choose what the win is the next step of."""
    form = await window.gets_form("/win", "Save a win")
    await form.get_by_text("A climb is a series of wins on the way to one goal.").wait_for()
    await form.get_by_label("What happened?").fill(text)
    await window.finds(form.get_by_label("Next step of"), typed, option)
    return form


@pytest.mark.deep
async def test_a_climb_is_begun_continued_and_reached_on_the_page(opens: Opens) -> None:
    ana, ben = await opens("ana"), await opens("ben", viewport={"width": 390, "height": 844}, has_touch=True)
    await ana.types("/win measured the build")
    await ben.sees("ana: measured the build")
    form = await continues(ben, "cached the build", "build", "ana: measured the build")
    await form.get_by_label("What's this climb called?").fill("Faster builds")
    await form.get_by_role("button", name="Save win").click()
    await form.wait_for(state="detached")
    await ana.sees("A step of “Faster builds”")

    form = await continues(ana, "the build takes a minute", "fast", "Faster builds")
    await form.get_by_role("button", name="Save win").click()
    await form.wait_for(state="detached")

    told = await ana.sees("the build takes a minute")
    await told.get_by_role("button", name="See the climb").last.click()
    page = ana.page.get_by_role("dialog", name="Climb")
    await page.get_by_text("Wins on the way to one goal").wait_for()
    await page.get_by_text("Started by Ben").wait_for()

    await page.get_by_role("button", name="Rename").click()
    name = ana.page.get_by_label("What's it called?")
    await name.fill("A build in a minute")
    await ana.page.get_by_role("button", name="Rename").last.click()
    await page.get_by_text("A build in a minute").first.wait_for()
    await page.get_by_role("button", name="Mark as reached").click()
    dialog = ana.page.get_by_role("alertdialog", name="Mark this climb as reached?")
    await dialog.get_by_role("button", name="Mark as reached").click()
    await page.get_by_text("marked by Ana").wait_for()
    await shoot(ana, "climb-reached")

    line = await ben.sees("The climb “A build in a minute” has reached its goal.")
    await (await ben.sees("cached the build")).get_by_role("button", name="See the climb").click()
    page = ben.page.get_by_role("dialog", name="Climb")
    await page.get_by_role("button", name="Mark as not reached").click()
    await page.get_by_role("button", name="Mark as reached").wait_for()
    await line.wait_for(state="detached")
    for window in (ana, ben):
        assert window.problems == []
