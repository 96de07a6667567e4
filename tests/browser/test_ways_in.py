"""The ways in to a bot on the page: mentions, messages, shortcuts, Home; in a thread, by keyboard, on a phone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp

from tests.browser.browser import Window
from tests.browser.conftest import Opens
from tests.browser.sandboxes import SmallBotSandbox, open_sandbox
from tests.browser.test_forms import field, words
from tests.slack_standin.conftest import EVERYTHING

FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "form",
    "title": words("A form"),
    "submit": words("Send"),
    "blocks": [
        field("what", "What", {"type": "plain_text_input"}),
        field("where", "Where", {"type": "conversations_select", "default_to_current_conversation": True}),
    ],
}
HOME: dict[str, Any] = {
    "type": "home",
    "blocks": [field("find", "Find", {"type": "plain_text_input"}, dispatch_action=True)],
}


class WaysInSandbox(SmallBotSandbox):
    """A sandbox whose small bot answers in private, and opens a form."""

    def __init__(self) -> None:
        super().__init__(EVERYTHING)

    def register_listeners(self, app: AsyncApp) -> None:
        async def answer(event: dict[str, Any], client: Any) -> None:
            if event.get("channel_type", "im") != "im":
                return  # what people say to each other
            thread = {"thread_ts": event["thread_ts"]} if "thread_ts" in event else {}
            text = f"You said: {event['text'].partition('> ')[2] or event['text']}"
            await client.chat_postEphemeral(channel=event["channel"], user=event["user"], text=text, **thread)

        app.event("app_mention")(answer)
        app.message()(answer)

        @app.shortcut("say")
        @app.shortcut("repeat")
        async def show(ack: Any, body: dict[str, Any], client: Any) -> None:
            what = field("what", "What", {"type": "plain_text_input", "initial_value": "nothing yet"})
            if "message" in body:
                what["element"]["initial_value"] = body["message"]["text"]
            await client.views_open(trigger_id=body["trigger_id"], view=FORM | {"blocks": [what, *FORM["blocks"][1:]]})
            await ack()

        @app.event("app_home_opened")
        async def home(event: dict[str, Any], client: Any) -> None:
            if event["tab"] == "home":
                await client.views_publish(user_id=event["user"], view=HOME)

        @app.action("a")
        async def find(ack: Any, body: dict[str, Any], client: Any) -> None:
            found = {"type": "section", "text": words(f"Found {body['actions'][0]['value']}")}
            await client.views_publish(user_id=body["user"]["id"], view=HOME | {"blocks": [*HOME["blocks"], found]})
            await ack()


@pytest.fixture
async def sandbox() -> AsyncIterator[WaysInSandbox]:
    async with open_sandbox(WaysInSandbox()) as made:
        yield made


async def test_every_way_in_is_on_the_page(opens: Opens, sandbox: WaysInSandbox) -> None:
    window = await opens("ana")
    page = window.page
    form = page.get_by_role("dialog", name="A form")

    await window.types("@parrot shipped search")
    await window.sees("You said: shipped search")
    await window.presses("Shortcuts")
    await page.get_by_role("menuitem", name="Say it").click()
    await form.wait_for()
    assert await form.get_by_role("combobox", name="Where").input_value() == "#general"
    await page.keyboard.press("Escape")
    await form.wait_for(state="detached")

    await in_a_thread_by_keyboard(window)
    await page.locator("a[data-where=app]").click()
    await page.get_by_label("Find").fill("search")
    await page.keyboard.press("Enter")
    await page.get_by_text("Found search").wait_for()
    await page.get_by_role("tab", name="Messages").click()
    await window.types("hello")
    await window.sees("You said: hello")

    await on_a_phone(await opens("ben", viewport={"width": 390, "height": 844}, has_touch=True))
    await sandbox.stop_bot()
    await page.locator("a[data-where=general]").click()
    message = page.locator("main .message:not(.private)", has_text="shipped search")
    await window.reaches(message, "More actions")
    await page.get_by_role("menuitem", name="Repeat").click()
    await page.get_by_role("alert").get_by_text("didn't respond. Try again.").wait_for()


async def in_a_thread_by_keyboard(window: Window) -> None:
    """Answer in a thread, mention the bot there, and use a shortcut on the reply, all without a pointer."""
    page = window.page
    await window.types("a thread")
    await window.reaches(await window.sees("a thread"), "Reply in thread")
    await page.keyboard.type("a reply")
    await page.keyboard.press("Enter")
    reply = page.locator(".thread .message", has_text="a reply")
    await reply.wait_for()
    await page.keyboard.type("@parrot and the docs ")
    await page.keyboard.press("Enter")
    await page.locator(".thread .message.private", has_text="You said: and the docs").wait_for()
    await page.locator(".thread .day", has_text="2 replies").wait_for()
    assert await page.locator("main .message.private", has_text="and the docs").count() == 0
    await reply.focus()
    while await page.evaluate("document.activeElement.getAttribute('aria-label')") != "More actions":
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_role("menuitem", name="Repeat").wait_for()
    await page.keyboard.type("rep")
    await page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="A form")
    await form.wait_for()
    assert await form.get_by_label("What").input_value() == "a reply"
    await page.keyboard.press("Escape")
    await form.wait_for(state="detached")
    await page.get_by_label("Close thread").click()


async def on_a_phone(window: Window) -> None:
    """Touch a message, and use a shortcut on it."""
    page = window.page
    await (await window.sees("shipped search")).tap()
    await page.get_by_label("More actions").tap()
    await page.get_by_role("menuitem", name="Repeat").tap()
    form = page.get_by_role("dialog", name="A form")
    await form.wait_for()
    assert "shipped search" in await form.get_by_label("What").input_value()
    box = await form.bounding_box()
    assert box
    assert box["width"] <= 390
    await page.keyboard.press("Escape")
