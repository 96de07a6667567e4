"""The form of a win on the page: its fields change with each other, and nothing that was entered is lost."""

from tests.browser.conftest import Opens


async def test_a_win_is_written_in_the_form(opens: Opens) -> None:
    from playwright.async_api import expect

    window = await opens("ana")
    page = window.page
    form = await window.gets_form("/win", "Save a win")
    text = form.get_by_label("What happened?")
    await expect(text).to_be_focused()
    await page.keyboard.type("walked around the block")
    await form.get_by_label("Who can see it?").click()
    await page.get_by_role("option", name="Only me").click()
    await form.get_by_label("Which channel?").wait_for(state="detached")
    assert await text.input_value() == "walked around the block"
    await form.get_by_label("How did they help?").fill("my dog insisted")
    await form.get_by_role("button", name="Save win").click()
    await form.get_by_text("Choose who helped").wait_for()
    await page.keyboard.press("Escape")
    await form.wait_for(state="detached")

    await window.gets_form("/win", "Save a win")
    await form.get_by_text("It isn't saved yet").wait_for()
    assert await text.input_value() == "walked around the block"
    assert await form.get_by_label("How did they help?").input_value() == "my dog insisted"
    await form.get_by_role("button", name="Start over").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Start over").click()
    await form.get_by_text("It isn't saved yet").wait_for(state="detached")
    assert await text.input_value() == ""
    assert await form.get_by_label("Which channel?").input_value() == "#general"

    await text.fill("started again")
    await window.finds(form.get_by_label("Tags"), "Fresh air", "#fresh")
    await form.get_by_role("button", name="Save win").click()
    saved = await window.sees("Win saved: started again")
    assert "#fresh" in await saved.inner_text()
    await window.sees("Ana: started again")
