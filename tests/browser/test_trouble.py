"""Simulate problems, and what becomes of the wins meanwhile: in a real Chromium, with the real bot."""

import pytest
import pytest_asyncio

from playground.sandbox import Sandbox
from tests.browser.browser import Window
from tests.browser.conftest import Opens, configure_channels
from tests.browser.test_walks import violations


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def set_up(sandbox: Sandbox) -> None:
    """#general has its roundup, so that a win is one message and no offer."""
    await configure_channels(sandbox, "general")


async def make_trouble(window: Window, name: str, *, switch: bool = True) -> None:
    """Use the menu of troubles."""
    await window.presses("Simulate problems", exact=False)
    await window.page.get_by_role("menuitemcheckbox" if switch else "menuitem", name=name).click()


async def reads(window: Window, *words: str) -> None:
    """Wait until the notice about the wins says all this."""
    notice = window.page.locator(".status")
    for each in words:
        notice = notice.filter(has_text=each)
    await notice.wait_for()


@pytest.mark.deep
async def test_slack_is_down_and_the_win_is_safe_and_in_the_roundup(opens: Opens) -> None:
    window = await opens("ana")
    await make_trouble(window, "Slack is down")
    await window.page.locator(".dot.wrong").wait_for()
    await reads(window, "Slack's API is down", "0 wins are safe")
    await window.types("/win held on while everything shook")
    await window.sees("Win saved: held on")
    await reads(window, "1 win is safe")
    assert await violations(window.page) == []
    await window.presses("API log")
    await window.page.locator(".api-log-line.failed", has_text="HTTP 500").first.wait_for()
    await window.presses("Close API log")
    await make_trouble(window, "Slack is down")
    await window.page.locator(".dot.running").wait_for()
    await window.sees("Ana: held on")
    await window.presses("Jump to Friday 16:00")
    roundup = await window.sees("This week's wins")
    assert "held on while everything shook" in await roundup.inner_text()
    await window.page.locator(".status").wait_for(state="detached")


@pytest.mark.deep
async def test_slack_says_429_and_the_bot_waits_as_it_was_told(opens: Opens) -> None:
    window = await opens("ana")
    await make_trouble(window, "Rate limit (429)")
    await window.types("/win patience")
    await window.sees("Win saved: patience")
    await reads(window, "Slack is rate limiting", "1 win is safe", "1 message waiting")
    await window.presses("API log")
    await window.page.locator(".api-log-line.failed", has_text="ratelimited").first.wait_for()
    await make_trouble(window, "Rate limit (429)")
    await window.sees("Ana: patience")
    await window.page.locator(".status").wait_for(state="detached")


@pytest.mark.deep
async def test_no_one_is_sent_back_to_a_roundup_that_a_dead_bot_missed(opens: Opens) -> None:
    window = await opens("ana")
    jump = window.page.get_by_role("region", name="Getting started").get_by_role("button", name="Jump to Fri 8 Mar")
    await jump.wait_for()
    await make_trouble(window, "Kill the bot", switch=False)
    await window.page.locator(".dot.stopped").wait_for()
    await window.presses("+1 week")
    await jump.wait_for(state="detached")


@pytest.mark.deep
async def test_who_can_not_start_over_is_told_why(opens: Opens, sandbox: Sandbox) -> None:
    window = await opens("ana")
    sandbox.scenario = "gone.txt"
    await window.presses("Start over")
    await window.page.get_by_role("menuitem", name="Reset demo").click()
    await window.page.get_by_role("alert").get_by_text("No such file or directory: 'gone.txt'").wait_for()
    assert await violations(window.page) == []
    await window.types("still here")
    await window.sees("still here")


@pytest.mark.deep
async def test_the_bot_is_killed_and_takes_up_what_it_left(opens: Opens) -> None:
    window = await opens("ana")
    await make_trouble(window, "Rate limit (429)")
    await window.types("/win wrote it down before the lights went out")
    await window.sees("Win saved: wrote it down")
    await reads(window, "1 message waiting")
    await make_trouble(window, "Kill the bot", switch=False)
    await window.page.locator(".dot.wrong").wait_for()
    await make_trouble(window, "Rate limit (429)")
    await window.page.locator(".dot.stopped").wait_for()
    await reads(window, "Winsome is offline", "1 win is safe", "1 message waiting", "As of")
    await window.types("/win nobody hears this")
    await window.sees('/win failed with the error "dispatch_failed"')
    await make_trouble(window, "Restart the bot", switch=False)
    await window.sees("Ana: wrote it down before the lights went out")
    await window.page.locator(".status").wait_for(state="detached")
