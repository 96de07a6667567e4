"""Someone who has never heard of Winsome is named in a win: what the page shows them, on a computer and on a phone."""

from typing import Any

import pytest

from playground.sandbox import Sandbox
from tests.browser.browser import Window
from tests.browser.conftest import Opens, channel, configure_channels, person
from tests.browser.test_changing_forms import shoot
from tests.browser.test_walks import violations


@pytest.mark.deep
async def test_a_person_in_a_win_learns_of_it_answers_and_stops_the_messages(opens: Opens, sandbox: Sandbox) -> None:
    await configure_channels(sandbox, "general")
    ana = await opens("ana")
    phone = await opens("ben", viewport={"width": 390, "height": 844}, has_touch=True)
    ben = await opens("ben")
    await ana.types("/win the import reads ten thousand lines in a second, thanks to @ben #quality")
    await ana.sees("the import reads ten thousand lines")
    first = await reads(ben, "Ana named you in a win in")
    await shoot(ben, "first-message")
    assert not await violations(ben.page)
    await (await reads(phone, "Ana named you in a win in")).evaluate("message => message.scrollIntoView()")
    await shoot(phone, "first-message-on-a-phone")
    announced = next(each for each in sandbox.slack.posts(channel(sandbox, "general")) if "the import" in each.text)
    await sandbox.slack.press(person(sandbox, "chloe"), announced, "cheer")
    await first.get_by_role("button", name="Ask me first").click()
    await ben.sees("You chose Ask me first")

    await ana.types("/win untangled the calendar together with @ben")
    await ben.sees("wants to name you in a win in")
    about_calendar = await ben.sees("untangled the calendar together with")
    await shoot(ben, "question")
    await about_calendar.get_by_role("button", name="Not this one").click()
    await ben.sees("It isn't shared.")
    await shoot(ben, "declined")
    await about_calendar.get_by_role("button", name="Share it").click()
    await ana.sees("untangled the calendar together with")
    await about_calendar.get_by_role("button", name="Remove me").click()
    await shoot(ben, "remove-me")
    await ben.page.get_by_role("alertdialog").get_by_role("button", name="Remove me").click()
    await ana.sees("untangled the calendar together with a teammate")
    await ben.sees("Your name isn't in it")
    await shoot(ben, "removed")

    await ana.presses("Jump to Friday 16:00")
    await ana.sees("This week's wins")
    await ana.sees("untangled the calendar together with a teammate")
    for _ in range(3):
        await ana.presses("+1 day")
    await ben.sees("Here's what came back to you from")
    await shoot(ben, "note")
    await first.get_by_role("button", name="Stop these messages").click()
    await ben.sees("I won't message you about wins you're in anymore.")
    await shoot(ben, "stopped")
    assert not await violations(ben.page)


async def reads(window: Window, text: str) -> Any:
    """Open the conversation with the bot, and return the message there that says `text`."""
    if await window.page.get_by_label("Open channel list").is_visible():
        await window.page.get_by_label("Open channel list").click()
    await window.page.locator("a[data-where=app]").click()
    await window.page.get_by_role("tab", name="Messages").click()
    return await window.sees(text)
