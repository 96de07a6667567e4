"""What someone does who tries the playground, done in a real Chromium, with the real bot behind it."""

import asyncio
from typing import Any

import pytest

from playground.sandbox import Sandbox
from tests.browser.conftest import Opens, configure_channels

SERIOUS = ("serious", "critical")


async def test_log_a_win_cheer_it_as_somebody_else_and_take_it_back(opens: Opens) -> None:
    window = await opens("ana")
    await window.types("/win fixed the flaky build with @chloe #quality")
    saved = await window.sees("Win saved: fixed the flaky build")
    assert "Only visible to you" in await saved.inner_text()

    await window.becomes("Ben Okafor")
    win = await window.sees("Ana: fixed the flaky build with @chloe")
    assert await window.page.locator(".message", has_text="Win saved:").count() == 0
    await win.get_by_role("button", name="Cheer").click()
    await window.sees("Cheered by Ben")
    await win.get_by_role("button", name="I was part of this").click()
    await window.sees("With Ben")

    await window.becomes("Ana Ruiz")
    await (await window.sees("Win saved: fixed")).get_by_role("button", name="Undo").click()
    await window.no_longer_sees("Ana: fixed the flaky build with @chloe")
    await window.sees("Win deleted. It won't be in any roundup")


@pytest.mark.deep
async def test_be_refused_and_read_the_help(opens: Opens) -> None:
    window = await opens("ana")
    await window.types("/win @ben")
    await window.sees("That says who, but not what happened.")
    await window.page.keyboard.type("/win")
    await window.page.keyboard.press("Enter")  # a command typed in full is that one, though /wins begins like it
    await window.page.get_by_role("dialog").get_by_label("What happened?").wait_for()
    await window.page.keyboard.press("Escape")
    await window.types("/win help")
    await window.sees("Only visible to you")
    await window.types("/wun oops")
    await window.sees("/wun is not a valid command")


async def test_go_to_friday_read_the_roundup_and_react_to_it(opens: Opens, sandbox: Sandbox) -> None:
    window = await opens("chloe")
    await configure_channels(sandbox, "general")
    await window.types("/win the demo survived the conference network")
    await window.sees("Chloe: the demo survived")
    await window.becomes("Ana Ruiz")
    await window.types("/win deleted 400 lines nobody will miss")
    await window.sees("Ana: deleted 400 lines")
    await window.presses("+1 week")
    roundup = await window.sees("This week's wins")
    assert "Sorry I'm late!" not in await roundup.inner_text()

    await window.reaches(roundup, "Add a reaction")
    await window.page.get_by_label("Search emoji").fill("raised_hands")
    await window.page.keyboard.press("Enter")
    await window.page.locator(".message", has_text="This week's wins").locator(".reaction.mine").wait_for()
    flashes = window.page.locator(".message.flash").wait_for()  # it does for two seconds, so look before
    await asyncio.gather(flashes, roundup.get_by_text("View message").first.click())


@pytest.mark.deep
async def test_two_windows_see_the_same_at_once(opens: Opens) -> None:
    ana, ben = await asyncio.gather(opens("ana"), opens("ben"))
    await ana.types("Good morning, @ben :wave:")
    said = await ben.sees("Good morning, @ben")
    await ben.reaches(said, "React with tada")
    await (await ana.sees("Good morning")).locator(".reaction").first.wait_for()
    await ben.reaches(said, "Reply in thread")
    await ben.page.locator(".thread textarea").fill("Good night, for me")
    await ben.page.keyboard.press("Enter")
    await (await ana.sees("Good morning")).get_by_text("1 reply").click()
    await ana.page.locator(".thread .message", has_text="Good night").wait_for()
    await ben.types("/win slept well")
    await ben.sees("Win saved: slept well")
    await ana.sees("Ben: slept well")
    assert await ana.page.locator(".message", has_text="Win saved:").count() == 0


@pytest.mark.deep
async def test_a_private_channel_stays_private_and_a_guest_sees_only_their_own(opens: Opens) -> None:
    ana, dmitri = await asyncio.gather(opens("ana"), opens("dmitri"))
    assert await ana.page.locator("a[data-where=leads]").count() == 1
    assert await dmitri.page.locator("nav a[data-where]").evaluate_all("all => all.map(a => a.dataset.where)") == [
        "general",
        "@ana",
        "@ben",
        "@chloe",
        "app",
    ]


@pytest.mark.deep
async def test_reloading_keeps_ones_place_and_ones_words(opens: Opens) -> None:
    window = await opens("ben")
    await window.types("Look at this thread")
    message = await window.sees("Look at this thread")
    await window.reaches(message, "Reply in thread")
    await window.page.locator("#composer").fill("half a thou")
    await window.page.reload()
    await window.page.locator(".thread .message", has_text="Look at this thread").wait_for()
    assert await window.page.locator("#composer").input_value() == "half a thou"
    assert "Ben Okafor" in await window.page.locator(".switcher").inner_text()


@pytest.mark.deep
async def test_what_one_person_was_writing_is_not_in_the_field_of_another(opens: Opens) -> None:
    from playwright.async_api import expect

    window = await opens("ana")
    await window.types("I'll rewrite this")
    await window.reaches(await window.sees("I'll rewrite this"), "More actions")
    await window.page.get_by_role("menuitem", name="Edit", exact=True).click()
    await window.page.get_by_label("Edit message").wait_for()
    box = window.page.locator("#composer")
    await box.fill("half a thou")
    await window.becomes("Ben Okafor")
    await window.sees("I'll rewrite this")  # and no field to edit it
    await expect(box).to_have_value("")
    await window.becomes("Ana Ruiz")
    await expect(box).to_have_value("half a thou")


@pytest.mark.deep
async def test_the_keyboard_alone_suffices(opens: Opens) -> None:
    window = await opens("ana")
    keyboard = window.page.keyboard
    await keyboard.type("/wi")
    await keyboard.press("Enter")  # takes the suggestion
    await keyboard.type("wrote it down with @be")
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    win = await window.sees("Ana: wrote it down with @ben")
    await keyboard.press("ArrowUp")  # from the empty box to the last message, and to what one can do with it
    assert await window.page.evaluate("document.activeElement.dataset.ts")
    await keyboard.press("Enter")
    await keyboard.press("Enter")
    await window.sees("only your teammates can cheer it")
    for _ in range(3):
        await keyboard.press("Tab")
    assert await window.page.evaluate("document.activeElement.closest('.message') !== null")
    await window.page.locator(".switcher").focus()
    await keyboard.press("Enter")
    await window.page.get_by_role("menuitem", name="Ben Okafor").wait_for()
    await keyboard.type("ben")
    await keyboard.press("Enter")
    await window.page.locator(".switcher", has_text="Ben Okafor").wait_for()
    await window.page.locator("#composer").focus()
    await keyboard.press("Alt+ArrowDown")
    await window.page.locator("h1", has_text="leads").wait_for()
    assert await win.count() == 0


@pytest.mark.deep
async def test_escape_closes_one_thing_at_a_time_and_the_keyboard_goes_on_where_it_was(opens: Opens) -> None:
    window = await opens("ana")
    page, keyboard = window.page, window.page.keyboard
    await window.types("a thread about the docs")
    begins = await window.sees("a thread about the docs")
    await window.reaches(begins, "Reply in thread")
    await page.locator(".thread textarea:focus").wait_for()
    await keyboard.type("the first reply")
    await keyboard.press("Enter")
    reply = page.locator(".thread .message", has_text="the first reply")
    await window.reaches(reply, "More actions")
    await page.get_by_role("menuitem", name="Edit", exact=True).wait_for()
    await keyboard.press("Escape")
    await page.get_by_role("menu").wait_for(state="detached")
    await window.reaches(reply, "More actions")
    await page.get_by_role("menuitem", name="Edit", exact=True).click()
    await page.get_by_label("Edit message").press("Escape")
    await page.get_by_label("Edit message").wait_for(state="detached")
    await reply.focus()
    await keyboard.press("ArrowDown")
    await page.locator(".thread textarea:focus").wait_for()
    await keyboard.press("Escape")
    await page.locator(".thread").wait_for(state="detached")
    assert await page.evaluate("document.activeElement.innerText.includes('a thread about the docs')")

    await window.presses("API log")
    await page.get_by_label("Filter log").press("Escape")
    await page.locator(".api-log").wait_for(state="detached")
    assert await page.evaluate("document.activeElement.ariaLabel") == "API log"


@pytest.mark.deep
async def test_starting_empty_and_resetting_reach_every_window(opens: Opens) -> None:
    ana, ben = await asyncio.gather(opens("ana"), opens("ben"))
    await ana.types("soon gone")
    await ben.sees("soon gone")
    await ana.presses("Start over")
    await ana.page.get_by_role("menuitem", name="Start empty").click()
    await ben.no_longer_sees("soon gone")
    await ben.page.wait_for_selector(".clockbar .dot.running")
    await ben.types("/win begun anew")
    await ana.sees("Ben: begun anew")


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.deep)])
async def test_axe_finds_no_serious_violation(opens: Opens, scheme: str) -> None:
    window = await opens("ana", color_scheme=scheme)
    page = window.page
    await window.types("/win made it readable for everybody, with @ben")
    await window.sees("Ana: made it readable")
    await window.types("*Bold*, `code`, and > a quote for @chloe :tada:")
    message = await window.sees("Bold")
    await window.reaches(message, "Reply in thread")
    assert await violations(page) == []
    await window.presses("API log")
    await page.locator(".api-log-line summary").first.click()
    assert await violations(page) == []
    await window.presses("Close API log")
    await window.reaches(message, "Add a reaction")
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await window.presses("Install in your workspace", exact=False)
    assert await violations(page) == []
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.keyboard.press("Escape")
    await page.get_by_label("Close thread").click()
    assert await violations(page) == []


@pytest.mark.deep
async def test_a_small_window_shows_the_whole_list_of_commands_and_escape_closes_the_channel_list(opens: Opens) -> None:
    window = await opens("ben", viewport={"width": 780, "height": 490})
    page = window.page
    await page.locator("#composer").fill("/")
    suggestions = page.get_by_role("listbox", name="Suggestions")
    for option in (suggestions.get_by_role("option").first, suggestions.get_by_role("option").last):
        await page.keyboard.press("ArrowUp")  # from the first to the last, and on
        await option.scroll_into_view_if_needed()
        inside, around = await option.bounding_box(), await page.locator("main").bounding_box()
        assert inside
        assert around
        assert inside["y"] >= around["y"]
    await page.set_viewport_size({"width": 390, "height": 780})
    await page.get_by_label("Open channel list").click()
    await page.locator(".switcher").click()
    await page.keyboard.press("Escape")  # the menu in the channel list first
    await page.get_by_role("menu").wait_for(state="detached")
    await page.get_by_label("Close channel list").wait_for()
    await page.keyboard.press("Escape")
    await page.get_by_label("Close channel list").wait_for(state="detached")
    await page.get_by_label("Open channel list").click()
    await page.locator("a[data-where=general]").click()  # where one is
    await page.get_by_label("Close channel list").wait_for(state="detached")
    assert await page.evaluate("document.activeElement.ariaLabel") == "Open channel list"


async def violations(page: Any) -> list[str]:
    """What axe finds serious, in words."""
    from axe_playwright_python.async_playwright import Axe

    await page.wait_for_timeout(250)  # colours on their way count as colours
    found = await Axe().run(page)
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in found.response["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]
