"""People answer for wins that they are in, on the page: in the list, on Home and in the form of how they are named."""

import pytest

from tests.browser.browser import until
from tests.browser.conftest import Opens
from tests.browser.test_changing_forms import shoot


@pytest.mark.deep
async def test_someone_chooses_how_they_are_named_and_answers_for_a_win(opens: Opens) -> None:
    ana, ben = await opens("ana"), await opens("ben", viewport={"width": 390, "height": 844}, has_touch=True)
    form = await ben.gets_form("/wins preferences", "How you're named")
    await form.get_by_text("You haven't chosen yet").wait_for()
    await shoot(ben, "preferences-on-a-phone")
    await form.get_by_role("radio", name="Ask me first").check()
    await form.get_by_role("radio", name="Don't message me").check()
    await form.get_by_role("button", name="Save").click()
    await ben.page.get_by_text("a win with your name waits until you say yes").wait_for()
    await ben.page.get_by_role("button", name="Close").last.click()

    await ana.types("/win talked the vendor down, with @ben on the call")
    await ana.sees("Waiting to be shared")
    await shoot(ana, "waiting-to-be-shared")
    await ana.types("/win painted the fence, with @ben holding the ladder")
    await ana.sees("Win saved: painted the fence")
    await ben.types("/wins")
    listed = await ben.sees("Waiting for your answer")
    await shoot(ben, "waiting-for-an-answer")
    await listed.get_by_role("button", name="Share it, the win from Ana").first.click()
    await ana.sees("Ana: talked the vendor down, with @Ben on the call")
    await (await ben.sees("It's shared with your name now.")).get_by_role("button", name="Remove me").wait_for()

    await ben.presses("Open channel list")
    await ben.page.locator("a[data-where=app]").click()
    home = ben.page.locator(".home")
    await home.get_by_role("button", name="Not this one, the win from Ana").click()
    await home.get_by_text("Only you and Ana can see this").wait_for()
    await home.get_by_text("I don't message you about wins you're in.").wait_for()
    await home.get_by_role("button", name="Remove me from this win").click()
    asked = ben.page.get_by_role("alertdialog", name="Remove yourself from this win?")
    await asked.get_by_role("button", name="Remove me").click()
    await ana.sees("Ana: talked the vendor down, with a teammate on the call")
    await until(ben.page, "!document.querySelector('.home').innerText.includes('talked the vendor down')")
    assert ana.problems == ben.problems == []
