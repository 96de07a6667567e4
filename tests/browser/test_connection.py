"""The page loses its server: what could not be sent comes back, is never sent later, and the page goes on."""

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from playground.server.server import PlaygroundServer
from tests.browser import browser
from tests.browser.browser import Window
from tests.browser.conftest import channel
from tests.browser.sandboxes import open_sandbox
from tests.browser.test_blocks import button
from tests.browser.test_server import SilentSandbox
from tests.slack_standin.conftest import client_of

if TYPE_CHECKING:
    from playwright.async_api import Browser


async def opened(
    chromium: "Browser", sandbox: SilentSandbox, stack: AsyncExitStack
) -> tuple[Window, PlaygroundServer, int]:
    """Ana's window, the server that it is connected to, and its port."""
    await sandbox.ready.wait()
    server = PlaygroundServer(sandbox)
    address = await server.start()
    stack.push_async_callback(server.stop)
    context = await chromium.new_context()
    stack.push_async_callback(context.close)
    context.set_default_timeout(browser.TIMEOUT_MS)
    window = await Window(await context.new_page()).opens(f"{address}#/ana/general")
    return window, server, urlsplit(address).port or 0


@pytest.mark.deep
async def test_what_could_not_be_sent_comes_back_and_is_not_sent_later(chromium: "Browser") -> None:
    from playwright.async_api import expect

    async with open_sandbox(SilentSandbox()) as sandbox, AsyncExitStack() as stack:
        window, server, port = await opened(chromium, sandbox, stack)
        box, failed = window.page.locator("#composer"), window.page.get_by_role("alert")

        sandbox.ready.clear()  # so that the server still has the first when it stops
        await window.types("the first")
        await window.page.get_by_role("status").get_by_text("Sending").wait_for()
        await box.fill("the second")
        await server.stop()
        await failed.get_by_text("Connection lost. Please try again.").wait_for()
        await expect(box).to_have_value("the first\nthe second")
        sandbox.ready.set()

        await window.types("the third")
        await failed.get_by_text("Connection lost. Please try again.").wait_for()
        await expect(box).to_have_value("the third")

        again = PlaygroundServer(sandbox)
        again.key = server.key
        await again.start(port=port)
        stack.push_async_callback(again.stop)
        await window.page.locator(".lost").wait_for(state="detached")
        await window.types("the last")
        await window.sees("the last")
        assert [message.text for message in sandbox.slack.posts(channel(sandbox, "general"))] == ["the last"]


@pytest.mark.deep
async def test_a_button_tells_a_lost_connection_from_a_bot_that_is_silent(chromium: "Browser") -> None:
    async with open_sandbox(SilentSandbox()) as sandbox, AsyncExitStack() as stack:
        window, server, _ = await opened(chromium, sandbox, stack)
        actions = {"type": "actions", "elements": [button("Press me")]}
        await client_of(sandbox.slack).chat_postMessage(
            channel=channel(sandbox, "general").id, text="Press me", blocks=[actions]
        )
        await window.presses("Press me")
        said = (await window.sees("Press me")).get_by_role("alert")
        await said.get_by_text("Winsome didn't respond. Try again.").wait_for()
        await server.stop()
        await window.page.locator(".lost").wait_for()
        await window.presses("Press me")
        await said.get_by_text("Connection lost. Please try again.").wait_for()
