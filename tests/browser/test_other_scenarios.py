"""The page of a scenario that has no #general."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from playground.sandbox import Sandbox
from tests.browser.conftest import Opens
from tests.browser.sandboxes import open_sandbox


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with open_sandbox(Sandbox("two-channels")) as made:
        yield made


@pytest.mark.deep
async def test_without_general_one_begins_in_the_first_channel_that_one_is_in(opens: Opens) -> None:
    from playwright.async_api import expect

    window = await opens("ana")  # at #general, which there isn't
    heading, box = window.page.locator("h1"), window.page.locator("#composer")
    await expect(heading).to_have_text("berlin")
    await window.page.locator("a[data-where=new-york]").click()
    await expect(heading).to_have_text("new-york")
    await window.presses("Write one for me")
    await expect(heading).to_have_text("berlin")
    await expect(box).to_have_value(re.compile("/win found"))
    await window.becomes("Ben Okafor")
    await expect(heading).to_have_text("berlin")
    await window.presses("Switch to Ana")
    await window.page.locator(".switcher", has_text="Ana Ruiz").wait_for()
    await expect(heading).to_have_text("berlin")
