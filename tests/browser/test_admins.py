"""What admins do, in a real Chromium: set a channel up, look at what would be posted, find what needs them."""

import re

import pytest

from playground.sandbox import Sandbox
from tests.browser.conftest import Opens, channel, configure_channels
from tests.browser.test_walks import violations


async def test_set_a_channel_up_in_a_form_that_answers(opens: Opens) -> None:
    from playwright.async_api import expect

    window = await opens("ana")
    form = await window.gets_form("/wins setup", "Roundup settings")
    await form.get_by_text("Every Friday at 16:00").wait_for()
    assert await violations(window.page) == []

    await form.get_by_role("combobox", name="How often").click()
    await window.page.get_by_role("option", name="Monthly, on a weekday").click()
    await form.get_by_text("On the last Friday of every month at 16:00").wait_for()
    await form.get_by_label("Time", exact=True).fill("15:00")
    await form.get_by_text("On the last Friday of every month at 15:00").wait_for()
    await form.get_by_text("Friday, March 29 at 15:00").wait_for()
    await window.finds(form.get_by_role("combobox", name="Time zone"), "auck", "Auckland (Pacific)")
    await form.get_by_text("of every month at 15:00 (Auckland time)").wait_for()
    await form.get_by_text("at 15:00 (Auckland), 03:00 your time").wait_for()
    await form.get_by_role("button", name="Save").click()

    line = await window.sees("on the last Friday of every month at 15:00 (Auckland time)")
    assert "Ana" in await line.inner_text() or "ana" in await line.inner_text()
    await expect(window.page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.deep
async def test_find_on_home_what_needs_one_and_mend_it(opens: Opens, sandbox: Sandbox) -> None:
    window = await opens("ana")
    page = window.page
    form = await window.gets_form("/wins setup", "Roundup settings")
    await form.get_by_text("Every Friday at 16:00").wait_for()
    await form.get_by_role("button", name="Save").click()
    await window.sees("Ana set up a roundup for this channel")
    await sandbox.slack.archive(channel(sandbox, "general"))
    await page.locator(".head", has_text="This channel is archived").wait_for()

    await page.locator("nav, aside").get_by_text("Winsome").last.click()
    await page.get_by_role("tab", name="Home").click()
    await page.get_by_role("heading", name="Needs your attention").wait_for()
    await page.get_by_text("This channel is archived, so it gets no roundups.").first.wait_for()
    assert await violations(page) == []
    await page.get_by_role("button", name="Turn off roundup").click()
    await page.get_by_role("alertdialog", name="Turn off this roundup?").get_by_role("button", name="Turn off").click()
    await page.get_by_role("heading", name="Needs your attention").wait_for(state="detached")
    await page.get_by_text("This channel is archived, so it gets no roundups.").first.wait_for()

    await page.get_by_role("button", name="View change history").click()
    log = page.get_by_role("dialog", name="Change history")
    await log.get_by_text("On → Off").wait_for()
    assert await violations(page) == []


@pytest.mark.deep
async def test_everyone_stays_in_a_channel_that_is_renamed(opens: Opens) -> None:
    ana, ben = await opens("ana"), await opens("ben")
    await ben.types("still called general")
    await ana.sees("still called general")
    await ana.types("/rename everyone")
    for window in (ana, ben):
        await window.page.locator("h1", has_text="everyone").wait_for()
        await window.sees("still called general")
    await ben.types("we are everyone now")
    await ana.sees("we are everyone now")


@pytest.mark.deep
async def test_a_channel_is_archived_and_brought_back(opens: Opens) -> None:
    window = await opens("ana")
    await window.types("/archive")
    await window.page.locator(".instead", has_text="This channel is archived.").wait_for()
    await window.presses("Unarchive channel")
    await window.types("back to work")
    await window.sees("un-archived the channel")
    await window.sees("back to work")


@pytest.mark.deep
async def test_the_first_minutes_from_the_invitation_to_a_roundup(opens: Opens) -> None:
    window = await opens("ana")
    page = window.page
    await page.locator("a[data-where=random]").click()
    await page.locator("h1", has_text="random").wait_for()
    await window.types("/invite @winsome")
    offered = await window.sees("Thanks for the invite!")
    assert "Only visible to you" in await offered.inner_text()
    assert "every Friday at 16:00 (Berlin time)" in await offered.inner_text()
    assert await violations(page) == []
    await offered.get_by_role("button", name="Yes, set it up").click()
    await window.sees("All set! I'll post a roundup")
    line = await window.sees("Ana set up a roundup for this channel: every Friday at 16:00 (Berlin time)")
    assert "Next roundup: tomorrow at 16:00" in await line.inner_text()
    assert await page.locator("main .message", has_text="set up a roundup for").count() == 1
    assert await violations(page) == []


@pytest.mark.deep
async def test_the_first_steps_of_a_new_workspace_tick_themselves_and_go_when_all_are_done(opens: Opens) -> None:
    from playwright.async_api import expect

    window = await opens("ana")
    steps = window.page.get_by_role("region", name="Getting started")
    await steps.get_by_role("button", name="Write one for me").click()
    await expect(window.page.locator("#composer")).to_have_value(re.compile("/win found"))
    await window.page.keyboard.press("Escape")
    await window.page.keyboard.press("Enter")
    await window.presses("Yes, set it up")
    await window.sees("Ana set up a roundup for this channel")
    await expect(steps.locator(".is-done")).to_have_count(2)
    await steps.get_by_role("button", name="Switch to Ben").click()
    win = await window.sees("Ana: found the answer")
    await win.get_by_role("button", name="Cheer").click()
    await steps.get_by_role("button", name="Jump to Fri 8 Mar, 10:00").click()  # which is 16:00 in Berlin
    await window.sees("This week's wins")
    await steps.wait_for(state="detached")


@pytest.mark.deep
async def test_look_at_a_roundup_and_post_it_before_its_time(opens: Opens, sandbox: Sandbox) -> None:
    window = await opens("ana")
    await configure_channels(sandbox, "general")
    await window.types("/win the demo survived the conference network")
    await window.sees("Ana: the demo survived")
    await window.types("/wins preview")
    shown = await window.sees("Here's the roundup so far. Nothing has been posted.")
    assert "the demo survived" in await shown.inner_text()
    assert await violations(window.page) == []
    await window.types("/wins post")
    question = await window.sees("Post this win now?")
    assert await violations(window.page) == []
    await question.get_by_role("button", name="Post now").click()
    await window.sees("Posting 1 win.")
    await window.sees("This week's wins")


@pytest.mark.deep
async def test_pause_a_roundup_with_a_button_and_with_the_calendar(opens: Opens, sandbox: Sandbox) -> None:
    window = await opens("ana")
    await configure_channels(sandbox, "general")
    await window.types("/wins pause")
    question = await window.sees("How long should I pause roundups?")
    assert await violations(window.page) == []
    await question.get_by_role("button", name="Skip March 8").click()
    await window.sees("Skipped the roundup on Friday, March 8")
    await window.sees("Ana skipped the roundup on Friday, March 8")

    await window.types("/wins pause")
    question = await window.sees("How long should I pause roundups?")
    await question.locator("input[type=date]").fill("2030-04-01")
    await window.page.get_by_role("alertdialog", name="Pause roundups?").get_by_role("button", name="Pause").click()
    await window.sees("Roundups are paused until April 1")
    await window.sees("Ana paused roundups until April 1")
    assert await violations(window.page) == []
