"""What someone learned from a setback, on the page: typed with its tag, chosen in the form, and told in the roundup."""

import pytest

from playground.sandbox import Sandbox
from tests.browser.conftest import Opens, configure_channels
from tests.browser.test_changing_forms import shoot


@pytest.mark.deep
async def test_what_was_learned_has_its_mark_on_the_page(opens: Opens, sandbox: Sandbox) -> None:
    await configure_channels(sandbox, "general")
    ana, ben = await opens("ana"), await opens("ben", viewport={"width": 390, "height": 844}, has_touch=True)
    await ben.types("/win restore a backup before trusting it #learned")
    await ben.sees("Learning saved: restore a backup")
    await ana.sees("Ben learned: restore a backup before trusting it")

    form = await ana.gets_form("/win", "Save a win")
    await form.get_by_label("What happened?").fill("ask for help after an hour, not after a day")
    await form.get_by_label("What kind of win is it?").click()
    await ana.page.get_by_role("option", name="Something learned from a setback").click()
    await shoot(ana, "learning-in-the-form")
    await form.get_by_role("button", name="Save win").click()
    await form.wait_for(state="detached")
    await ana.sees("Learning saved: ask for help")
    await ben.sees("Ana learned: ask for help after an hour")
    await shoot(ben, "learnings-on-a-phone")

    await ana.presses("Jump to Friday 16:00")
    roundup = await ana.sees("This week's wins")
    for learned in ("Ben learned", "Ana learned"):
        await roundup.get_by_text(learned).first.wait_for()
    await shoot(ana, "learnings-in-the-roundup")
    assert ana.problems == ben.problems == []
