"""After a win that names no one, its author thanks someone with one press, and says how they helped."""

import pytest

from tests.browser.conftest import Opens
from tests.browser.test_changing_forms import shoot


@pytest.mark.deep
async def test_ana_thanks_ben_on_the_page(opens: Opens) -> None:
    window = await opens("ana")
    page = window.page
    await window.types("/win painted the door with @ben")
    await window.sees("ana: painted the door")
    await window.types("/win fixed the build")
    await window.sees("Did someone help?")
    await shoot(window, "offered-people")
    saved = await window.sees("Win saved: fixed the build")
    await saved.get_by_role("button", name="Thank Ben").click()
    await saved.get_by_role("button", name="Say how they helped").click()  # the announcement says "Thanks to", too
    form = page.get_by_role("dialog", name="Say thanks")
    await form.get_by_label("How did they help?").fill("found the flaky test")
    await form.get_by_role("button", name="Save").click()
    await form.wait_for(state="detached")
    await window.sees("found the flaky test")
