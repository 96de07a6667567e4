"""What is new to someone who reads further up, or somewhere else."""

import asyncio

import pytest

from playground.sandbox import Sandbox
from tests.browser.browser import until
from tests.browser.conftest import Opens, channel, person


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
