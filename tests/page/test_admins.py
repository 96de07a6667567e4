"""What admins do, in a real Chromium: set a channel up, look at what would be posted, find what needs them."""

from bot.playground.desk.stage import Stage
from tests.page.conftest import Opens, channel
from tests.page.test_walks import violations


async def test_set_a_channel_up_in_a_form_that_answers(opens: Opens) -> None:
    window = await opens("ana")
    await window.types("/wins setup")
    form = window.page.get_by_role("dialog", name="Roundup settings")
    await form.get_by_text("Every Friday at 16:00").wait_for()
    assert await violations(window.page) == []

    await form.get_by_role("combobox", name="How often").click()
    await window.page.get_by_role("option", name="Monthly, on a weekday").click()
    await form.get_by_text("On the last Friday of each month at 16:00").wait_for()
    await form.get_by_label("At", exact=True).fill("15:00")
    await form.get_by_text("On the last Friday of each month at 15:00").wait_for()
    await form.get_by_text("Friday 29 March 2030, 15:00").wait_for()
    await form.get_by_role("combobox", name="In the time of").fill("auck")
    await window.page.get_by_role("option", name="Auckland (Pacific)").click()
    await form.get_by_text("of each month at 15:00 (Auckland time)").wait_for()
    await form.get_by_text("for you Friday 29 March 2030, 03:00").wait_for()
    await form.get_by_role("button", name="Save").click()

    line = await window.sees("on the last Friday of each month at 15:00 (Auckland time)")
    assert "Ana" in await line.inner_text() or "ana" in await line.inner_text()
    assert await window.page.get_by_role("dialog").count() == 0


async def test_find_on_home_what_needs_one_and_mend_it(opens: Opens, stage: Stage) -> None:
    window = await opens("ana")
    page = window.page
    await window.types("/wins setup")
    form = page.get_by_role("dialog", name="Roundup settings")
    await form.get_by_text("Every Friday at 16:00").wait_for()
    await form.get_by_role("button", name="Save").click()
    await window.sees("ana gave this channel a roundup")
    await stage.slack.archive(channel(stage, "general"))

    await page.locator("nav, aside").get_by_text("Winsome").last.click()
    await page.get_by_role("tab", name="Home").click()
    await page.get_by_role("heading", name="What needs you").wait_for()
    await page.get_by_text("is archived, so its roundup can't come").first.wait_for()
    assert await violations(page) == []
    await page.get_by_role("button", name="Switch it off").click()
    await page.get_by_role("heading", name="What needs you").wait_for(state="detached")
    await page.get_by_text("Switched off: nothing is posted").first.wait_for()

    await page.get_by_role("button", name="What was changed").click()
    log = page.get_by_role("dialog", name="What was changed")
    await log.get_by_text("ana paused the roundup").wait_for()
    assert await violations(page) == []
