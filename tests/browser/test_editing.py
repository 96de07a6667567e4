"""An author edits a win on the page: from the reply, the message's menu and the list, and on a phone."""

import pytest

from tests.browser.browser import until
from tests.browser.conftest import Opens


@pytest.mark.deep
async def test_a_win_is_edited_made_private_and_shared_again_on_the_page(opens: Opens) -> None:
    ana, ben = await opens("ana"), await opens("ben", viewport={"width": 390, "height": 844}, has_touch=True)
    page, form = ana.page, ana.page.get_by_role("dialog", name="Edit win")

    await ana.types("/win fixed teh build")
    await (await ana.sees("Win saved: fixed teh build")).get_by_role("button", name="Edit this win").click()
    text = form.get_by_role("textbox", name="What happened?")
    await text.filter(has_text="fixed teh build").wait_for()
    await text.fill("fixed the build")
    await form.get_by_role("button", name="Save changes").click()
    await form.wait_for(state="detached")
    await until(page, "document.activeElement.closest('.message')")  # the button that had the focus is gone
    announced = await ana.sees("ana: fixed the build")
    await ana.sees("Win saved: fixed the build")

    await ana.reaches(announced, "More actions")
    await page.get_by_role("menuitem", name="Edit this win").click()
    await form.get_by_role("button", name="Make private").click()
    await (
        page.get_by_role("alertdialog", name="Make this win private?")
        .get_by_role("button", name="Make private")
        .click()
    )
    await page.get_by_text("This win is private now.").wait_for()
    await page.get_by_role("button", name="Close").last.click()
    await announced.wait_for(state="detached")

    await ana.types("/wins")
    listing = await ana.sees("Your recent wins")
    await listing.get_by_role("button", name="Edit this win").first.click()
    await form.get_by_role("button", name="Share again").click()
    await (
        page.get_by_role("alertdialog", name="Share this win again?").get_by_role("button", name="Share again").click()
    )
    await page.get_by_text("Sharing this win in").wait_for()
    await ben.sees("fixed the build")

    await ben.types("/wins help")
    await ben.sees("No win is too small")
    await ben.page.locator("main .messages").evaluate("list => list.scrollTo(0, 0)")
    await ben.types("/win from my phone")
    await until(
        ben.page,
        "(at => at && at.bottom < innerHeight)([...document.querySelectorAll('main .private')].at(-1)"
        "?.getBoundingClientRect())",
    )
    await (await ben.sees("Win saved: from my phone")).get_by_role("button", name="Edit this win").click()
    await ben.page.get_by_role("dialog", name="Edit win").get_by_role("textbox", name="What happened?").wait_for()
