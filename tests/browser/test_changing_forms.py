"""Forms and Home tabs that the bot changes while someone uses them."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.browser.browser import Window
from tests.browser.changing_forms import ChangingSandbox, form, page_of
from tests.browser.conftest import Opens, channel, person
from tests.browser.sandboxes import open_sandbox
from tests.browser.test_forms import words
from tests.browser.test_walks import violations
from tests.slack_standin.conftest import bolt_app


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox() -> AsyncIterator[ChangingSandbox]:
    async with open_sandbox(ChangingSandbox()) as made:
        yield made


async def shoot(window: Window, name: str) -> None:
    """Take a picture, if someone wants to look at it."""
    if folder := os.environ.get("PICTURES"):
        await window.page.screenshot(path=Path(folder) / f"{name}.png")


async def opened_form(window: Window) -> Any:
    """Open the form, and wait until what stood in its place is gone."""
    await window.types("/form")
    dialog = window.page.get_by_role("dialog", name="Settings")
    await dialog.get_by_text("Looking up the settings…").wait_for()
    await shoot(window, "loading")
    await dialog.get_by_label("Title").wait_for()
    return dialog


@pytest.mark.deep
async def test_a_form_that_comes_later_takes_the_focus_and_keeps_what_is_typed(
    opens: Opens, sandbox: ChangingSandbox
) -> None:
    from playwright.async_api import expect

    window = await opens("ana")
    page = window.page
    dialog = await opened_form(window)
    await expect(dialog.get_by_label("Title")).to_be_focused()
    await page.keyboard.type("Our wi")
    await shoot(window, "form")
    assert await dialog.get_by_label("Title").input_value() == "Our wi"
    [view] = sandbox.slack.modals(person(sandbox, "ana"))
    client = bolt_app(sandbox.slack).client
    changing = asyncio.create_task(client.views_update(view_id=view.id, view=form("changed from afar")))
    await page.keyboard.type("ns, week by week", delay=15)
    await changing
    await dialog.get_by_text("changed from afar").wait_for()
    await page.keyboard.type("!")
    assert await dialog.get_by_label("Title").input_value() == "Our wins, week by week!"
    assert await violations(page) == []

    await dialog.get_by_label("Reason").fill("none")
    await client.views_update(view_id=view.id, view=form())
    await dialog.get_by_label("Reason").wait_for(state="detached")
    await client.views_update(view_id=view.id, view=form("again"))
    assert await dialog.get_by_label("Reason").input_value() == ""
    await dialog.get_by_label("Title").press("End")
    await page.keyboard.type("!")
    assert await dialog.get_by_label("Title").input_value() == "Our wins, week by week!!"


@pytest.mark.deep
async def test_everything_that_is_chosen_reaches_the_bot_at_once(opens: Opens, sandbox: ChangingSandbox) -> None:
    window = await opens("ana")
    page = window.page
    dialog = await opened_form(window)
    await dialog.get_by_label("Title").fill("Wins")
    await dialog.get_by_label("Green").first.check()
    assert (await sandbox.hears("how"))["value"] == "green"
    await dialog.get_by_text("1 changes").wait_for()

    await dialog.get_by_role("combobox", name="Day", exact=True).fill("blu")
    await page.get_by_role("option", name="Blue").click()
    assert (await sandbox.hears("day"))["value"] == "blue"
    await dialog.get_by_role("combobox", name="More days").fill("red")
    await page.get_by_role("option", name="Red").click()
    assert [each["value"] for each in await sandbox.hears("days")] == ["red"]
    await dialog.get_by_role("combobox", name="More days").fill("gre")
    await page.get_by_role("option", name="Green").wait_for()
    await page.keyboard.press("Escape")
    await page.get_by_role("option", name="Green").wait_for(state="detached")

    await dialog.get_by_label("Hour").focus()
    await page.keyboard.type("0930AM", delay=40)
    assert await sandbox.hears("hour") == "09:30"
    assert [block for block, _ in sandbox.heard].count("hour") == 1
    await dialog.get_by_label("First").fill("2030-03-15")
    assert await sandbox.hears("first") == "2030-03-15"

    await dialog.get_by_role("combobox", name="Where").fill("gen")
    await page.get_by_role("option", name="#general").click()
    assert await sandbox.hears("where") == channel(sandbox, "general").id
    await dialog.get_by_role("combobox", name="Where").fill("o")
    await page.get_by_role("option", name="#product").wait_for()
    assert await page.get_by_role("option", name="Ben Okafor").count() == 0
    await page.keyboard.press("Escape")
    await page.get_by_role("option", name="#product").wait_for(state="detached")
    await dialog.get_by_role("combobox", name="Who").fill("ben")
    await page.get_by_role("option", name="Ben Okafor").click()
    assert await sandbox.hears("who") == [person(sandbox, "ben").id]
    await dialog.get_by_label("Gold").last.check()
    assert [each["value"] for each in await sandbox.hears("extras")] == ["gold"]

    await dialog.get_by_role("combobox", name="Time zone").click()
    await page.get_by_role("option", name="Lagos").wait_for()
    await page.wait_for_timeout(200)
    await shoot(window, "zones")
    assert await violations(page) == []
    await page.get_by_role("group", name="Africa").wait_for()
    await page.keyboard.type("li")
    await page.get_by_role("option", name="Lagos").wait_for(state="detached")
    await page.get_by_role("option", name="Lisbon").click()
    assert (await sandbox.hears("zone"))["value"] == "Lisbon"
    await dialog.get_by_text(f"{len(sandbox.heard)} changes").wait_for()
    await shoot(window, "filled")

    await sandbox.slack.archive(channel(sandbox, "general"))
    await page.get_by_text("This channel is archived.").wait_for(state="attached")
    assert await dialog.get_by_role("combobox", name="Where").input_value() == "#general"
    await dialog.get_by_role("button", name="Save").click()
    await dialog.wait_for(state="detached")
    [values] = sandbox.sent
    assert values["title"]["a"]["value"] == "Wins"
    assert values["how"]["a"]["selected_option"]["value"] == "green"
    assert values["day"]["a"]["selected_option"]["value"] == "blue"
    assert [each["value"] for each in values["days"]["a"]["selected_options"]] == ["red"]
    assert values["who"]["a"]["selected_users"] == [person(sandbox, "ben").id]
    assert values["where"]["a"]["selected_conversation"] == channel(sandbox, "general").id
    assert values["hour"]["a"]["selected_time"] == "09:30"
    assert values["zone"]["a"]["selected_option"]["value"] == "Lisbon"


@pytest.mark.deep
async def test_a_menu_says_that_nothing_is_found_or_that_nobody_answers(opens: Opens, sandbox: ChangingSandbox) -> None:
    window = await opens("ana")
    dialog = await opened_form(window)
    zone = dialog.get_by_role("combobox", name="Time zone")
    await zone.fill("xyz")
    await window.page.get_by_text("No results").wait_for()
    sandbox.deaf = True
    await zone.fill("x")
    await window.page.get_by_text("Winsome didn't respond. Try again.").wait_for()
    await window.page.keyboard.press("Escape")
    await dialog.wait_for()


@pytest.mark.deep
async def test_a_sent_form_is_complained_about_changed_covered_and_cleared(
    opens: Opens, sandbox: ChangingSandbox
) -> None:
    window = await opens("ana")
    page = window.page
    dialog = await opened_form(window)
    await dialog.get_by_label("Title").fill("Wins")
    await dialog.get_by_label("Red").first.check()
    await dialog.get_by_role("combobox", name="Day", exact=True).fill("blu")
    await page.get_by_role("option", name="Blue").click()
    await dialog.get_by_role("combobox", name="Where").fill("gen")
    await page.get_by_role("option", name="#general").click()
    await dialog.get_by_role("combobox", name="Time zone").fill("ca")
    await page.get_by_role("option", name="Cairo").click()
    await sandbox.hears("zone")
    await dialog.get_by_text(f"{len(sandbox.heard)} changes").wait_for()

    sandbox.answers = [
        {"response_action": "errors", "errors": {"where": "Not there, please.", "hour": "Too late in the day."}},
        {"response_action": "update", "view": form("saved once") | {"title": words("Once more")}},
        {"response_action": "push", "view": page_of("Are you sure?", "Yes")},
        {"response_action": "clear"},
    ]
    send = page.get_by_role("button", name="Save")
    await send.click()
    await dialog.locator(".b-input.wrong", has_text="Not there, please.").wait_for()
    await shoot(window, "errors")
    assert await violations(page) == []
    assert await dialog.get_by_label("Title").input_value() == "Wins"
    assert await dialog.get_by_role("combobox", name="Time zone").input_value() == "Cairo"
    await send.click()
    await page.get_by_role("dialog", name="Once more").get_by_text("saved once").wait_for()
    assert await page.locator(".b-input.wrong").count() == 0
    await send.click()
    await page.get_by_text("Are you sure?").wait_for()
    await shoot(window, "pushed")
    assert await page.evaluate("document.activeElement.closest('.dialog') !== null")
    await page.get_by_role("button", name="Yes").click()
    await page.get_by_role("dialog").wait_for(state="detached")
    assert len(sandbox.sent) == 4


@pytest.mark.deep
async def test_the_home_tab_has_menus_and_buttons_that_work(opens: Opens, sandbox: ChangingSandbox) -> None:
    window = await opens("ana")
    page = window.page
    await page.locator("a[data-where=app]").click()
    await page.get_by_role("heading", name="Page 1").wait_for()
    assert sandbox.tabs == ["home"]
    await shoot(window, "home")
    assert await violations(page) == []
    await window.presses("More actions")
    await page.get_by_role("menuitem", name="Green").click()
    await page.get_by_text("You chose green").wait_for()
    await page.get_by_role("combobox", name="Which?").fill("gol")
    await page.get_by_role("option", name="Gold").click()
    await page.get_by_text("You chose gold").wait_for()
    await window.presses("Next page")
    await page.get_by_role("heading", name="Page 2").wait_for()
    await window.presses("Settings")
    dialog = page.get_by_role("dialog", name="Settings")
    await dialog.get_by_label("Title").wait_for()
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    await page.get_by_role("tab", name="Messages").click()
    await page.locator("#composer").wait_for()
    await page.get_by_role("tab", name="Home").click()
    await page.get_by_role("heading", name="Page 1").wait_for()
    async with asyncio.timeout(60):
        while sandbox.tabs != ["home", "messages", "home"]:  # noqa: ASYNC110 - the page sends it behind what it shows
            await asyncio.sleep(0.02)


@pytest.mark.deep
async def test_whatever_is_used_says_that_the_bot_is_silent(opens: Opens, sandbox: ChangingSandbox) -> None:
    window = await opens("ana")
    page = window.page
    await page.locator("a[data-where=app]").click()
    await page.get_by_role("heading", name="Page 1").wait_for()
    failed = page.locator(".home").get_by_role("alert")
    sandbox.deaf = True
    await window.presses("More actions")
    await page.get_by_role("menuitem", name="Green").click()
    await failed.get_by_text("Winsome didn't respond. Try again.").wait_for()
    assert await violations(page) == []
    sandbox.deaf = False
    await window.presses("More actions")
    await page.get_by_role("menuitem", name="Green").click()
    await page.get_by_text("You chose green").wait_for()
    await failed.wait_for(state="detached")


@pytest.mark.deep
async def test_whoever_invites_the_bot_is_asked_in_private(opens: Opens, sandbox: ChangingSandbox) -> None:
    ana, ben = await opens("ana"), await opens("ben")
    for window in (ana, ben):
        await window.page.locator("a[data-where=random]").click()
    await ana.types("/invite @parrot")
    asked = await ana.sees("Thank you for having me.")
    await shoot(ana, "invited")
    assert sandbox.inviters == [person(sandbox, "ana").id]
    assert await violations(ana.page) == []
    await asked.get_by_role("button", name="Set it up").click()
    await ana.page.get_by_role("dialog", name="Settings").get_by_label("Title").wait_for()
    await ben.types("what did it say?")
    await ben.sees("what did it say?")
    assert await ben.page.get_by_text("Thank you for having me.").count() == 0


@pytest.mark.deep
async def test_roles_stand_beside_names(opens: Opens, sandbox: ChangingSandbox) -> None:
    await sandbox.slack.change_person(person(sandbox, "ben"), is_owner=True)
    await sandbox.slack.change_person(person(sandbox, "chloe"), guest=True)
    window = await opens("ana")
    members = window.page.get_by_role("img", name="Members")
    assert "Ana Ruiz (admin), Ben Okafor (owner), Chloe Ngata (guest), Dmitri Volkov" in str(
        await members.get_attribute("aria-label")
    )
    await window.page.locator(".switcher").click()
    await window.page.get_by_role("menuitem", name="Ben Okafor owner").wait_for()
    await window.page.get_by_role("menuitem", name="Chloe Ngata guest").wait_for()
    await shoot(window, "roles")
