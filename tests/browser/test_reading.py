"""What is new to someone who reads further up, or somewhere else."""

import asyncio

import pytest

from playground.sandbox import Sandbox
from tests.browser.browser import until
from tests.browser.conftest import Opens, channel, person


@pytest.mark.deep
async def test_the_first_direct_message_of_a_teammate_is_unread(opens: Opens) -> None:
    ana, ben = await asyncio.gather(opens("ana"), opens("ben"))
    assert await ana.page.locator("nav .count").count() == 0
    await ben.page.locator("nav a", has_text="Ana Ruiz").click()
    await ben.page.locator("h1", has_text="Ana Ruiz").wait_for()
    await ben.types("just between us")
    await ben.sees("just between us")
    from_ben = ana.page.locator("nav a", has_text="Ben Okafor")
    await from_ben.locator(".count", has_text="1").wait_for()
    await from_ben.click()
    await ana.sees("just between us")
    await ana.page.locator("a[data-where=general]").click()
    await ana.page.locator("h1", has_text="general").wait_for()
    assert await from_ben.locator(".count").count() == 0


@pytest.mark.deep
async def test_only_messages_that_come_are_called_new(opens: Opens, sandbox: Sandbox) -> None:
    await sandbox.ready.wait()
    slack, ben, general = sandbox.slack, person(sandbox, "ben"), channel(sandbox, "general")
    said = [await slack.say(ben, general, f"line {number}") for number in range(10, 60)]
    window = await opens("ana")
    page, newer = window.page, window.page.locator(".newer")
    await window.sees("line 59")
    await page.locator("main .messages").evaluate("list => list.scrollTo(0, 0)")
    await until(page, "Object.keys(sessionStorage).some(key => key.startsWith('winsome:scroll:'))")

    await page.reload()
    await page.wait_for_selector("#composer")
    await until(page, "(list => list.scrollHeight - list.clientHeight > 200)(document.querySelector('.messages'))")
    assert await newer.count() == 0
    await slack.delete(ben, said[-1])
    await window.no_longer_sees("line 59")
    assert await newer.count() == 0

    await asyncio.gather(slack.say(ben, general, "one more"), slack.say(ben, general, "and another"))
    await page.get_by_role("button", name="2 new messages").click()
    await newer.wait_for(state="detached")
