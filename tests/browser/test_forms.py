"""Modals, menus, shortcuts and the Home tab on the page, with a small bot that shows one of each."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from slack_bolt.app.async_app import AsyncApp

from slack_standin import StandIn
from tests.browser.conftest import Opens
from tests.browser.sandboxes import SmallBotSandbox, open_sandbox
from tests.browser.test_walks import violations
from tests.slack_standin.conftest import MANIFEST

pytestmark = pytest.mark.skipif(not hasattr(StandIn, "fill"), reason="this stand-in has no forms yet")

WITH_FORMS = MANIFEST | {
    "features": MANIFEST["features"]
    | {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [{"command": "/form", "description": "Open a form", "should_escape": True}],
        "shortcuts": [
            {"name": "Fill in a form", "type": "global", "callback_id": "form", "description": "From anywhere"},
            {"name": "Form about this", "type": "message", "callback_id": "about", "description": "From a message"},
        ],
    },
    "settings": MANIFEST["settings"] | {"event_subscriptions": {"bot_events": ["app_home_opened"]}},
}
COLOURS = [
    {"text": {"type": "plain_text", "text": each}, "value": each.lower()} for each in ("Red", "Green", "Blue", "Gold")
]


def words(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def field(block: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "block_id": block, "label": words(label), "element": {"action_id": "a"} | element} | more


FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "form",
    "title": words("A form"),
    "submit": words("Send"),
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "With *every* input."}},
        field("name", "Name", {"type": "plain_text_input", "max_length": 20}, hint=words("As your friends say it")),
        field("progress", "Story", {"type": "plain_text_input", "multiline": True}, optional=True),
        field("colour", "Colour", {"type": "static_select", "options": COLOURS, "placeholder": words("Pick one")}),
        field("colours", "More colours", {"type": "multi_static_select", "options": COLOURS}, optional=True),
        field("who", "Who", {"type": "users_select"}, optional=True),
        field("places", "Places", {"type": "multi_conversations_select"}, optional=True),
        field("day", "Day", {"type": "datepicker", "initial_date": "2030-03-07"}),
        field("hour", "Hour", {"type": "timepicker", "initial_time": "16:00"}),
        field("ticks", "Ticks", {"type": "checkboxes", "options": COLOURS}, optional=True),
        field("one", "One", {"type": "radio_buttons", "options": COLOURS}, optional=True),
        field("sum", "Sum", {"type": "number_input", "is_decimal_allowed": False}, optional=True),
        field("far", "From far", {"type": "external_select", "min_query_length": 1}, optional=True),
        {
            "type": "actions",
            "block_id": "row",
            "elements": [{"type": "button", "action_id": "deeper", "text": words("One more")}],
        },
    ],
}


class FormSandbox(SmallBotSandbox):
    """A sandbox whose bot is a small one, in this process."""

    def __init__(self) -> None:
        super().__init__(WITH_FORMS)
        self.heard: list[dict[str, Any]] = []

    def register_listeners(self, app: AsyncApp) -> None:
        async def show(ack: Any, body: dict[str, Any], client: Any) -> None:
            await client.views_open(trigger_id=body["trigger_id"], view=FORM)
            await ack()

        app.command("/form")(show)
        app.shortcut("form")(show)
        app.shortcut("about")(show)

        @app.action("deeper")
        async def deeper(ack: Any, body: dict[str, Any], client: Any) -> None:
            second = {"type": "modal", "title": words("Deeper"), "blocks": [{"type": "divider"}]}
            await client.views_push(trigger_id=body["trigger_id"], view=second)
            await ack()

        @app.options("a")
        async def options(ack: Any, payload: dict[str, Any]) -> None:
            await ack(options=[{"text": words(f"Found {payload['value']}"), "value": payload["value"]}])

        @app.view("form")
        async def sent(ack: Any, view: dict[str, Any]) -> None:
            values = view["state"]["values"]
            if values["name"]["a"]["value"] == "nobody":
                await ack(response_action="errors", errors={"name": "Somebody, please."})
                return
            self.heard.append(values)
            await ack()

        @app.event("app_home_opened")
        async def home(event: dict[str, Any], client: Any) -> None:
            button = {"type": "button", "action_id": "again", "text": words("Press me")}
            blocks = [{"type": "header", "text": words("At home")}, {"type": "actions", "elements": [button]}]
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

        @app.action("again")
        async def again(ack: Any, body: dict[str, Any], client: Any) -> None:
            blocks = [{"type": "header", "text": words("Pressed")}]
            await client.views_publish(user_id=body["user"]["id"], view={"type": "home", "blocks": blocks})
            await ack()


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox() -> AsyncIterator[FormSandbox]:
    async with open_sandbox(FormSandbox()) as made:
        yield made


async def test_a_form_with_every_input_is_filled_in_and_sent(opens: Opens, sandbox: FormSandbox) -> None:
    window = await opens("ana")
    page = window.page
    await window.types("/form")
    form = page.get_by_role("dialog", name="A form")
    await form.wait_for()
    assert await violations(page) == []
    await form.get_by_role("button", name="Send").click()
    await form.locator(".b-input.wrong", has_text="Name").wait_for()

    await form.get_by_label("Name").fill("nobody")
    await form.get_by_role("combobox", name="Colour", exact=True).fill("gre")
    await page.get_by_role("option", name="Green").click()
    await form.get_by_role("button", name="Send").click()
    await form.get_by_text("Somebody, please.").wait_for()

    await form.get_by_label("Name").fill("Ana")
    await form.get_by_role("combobox", name="More colours").fill("re")
    await page.get_by_role("option", name="Red").click()
    await form.get_by_role("combobox", name="Who").fill("ben")
    await page.get_by_role("option", name="Ben Okafor").click()
    await form.get_by_label("Hour").fill("09:30")
    await form.get_by_label("Gold").first.check()
    await form.get_by_label("Sum").fill("7")
    await form.get_by_role("combobox", name="From far").fill("mars")
    await page.get_by_role("option", name="Found mars").click()
    await form.get_by_role("button", name="Send").click()
    await form.wait_for(state="detached")
    [values] = sandbox.heard
    assert values["name"]["a"]["value"] == "Ana"
    assert values["colour"]["a"]["selected_option"]["value"] == "green"
    assert [each["value"] for each in values["colours"]["a"]["selected_options"]] == ["red"]
    assert values["who"]["a"]["selected_user"] == next(
        person.id
        for person in sandbox.slack.world.workspaces[sandbox.slack.team_id].people.values()
        if person.name == "ben"
    )
    assert values["hour"]["a"]["selected_time"] == "09:30"
    assert values["day"]["a"]["selected_date"] == "2030-03-07"
    assert [each["value"] for each in values["ticks"]["a"]["selected_options"]] == ["gold"]
    assert values["sum"]["a"]["value"] == "7"
    assert values["far"]["a"]["selected_option"]["value"] == "mars"


@pytest.mark.deep
async def test_forms_lie_on_one_another_and_shortcuts_open_them(opens: Opens) -> None:
    window = await opens("ana")
    page = window.page
    await window.presses("Shortcuts")
    await page.get_by_role("menuitem", name="Fill in a form").click()
    form = page.get_by_role("dialog", name="A form")
    await form.get_by_label("Name").fill("half")
    await form.get_by_role("button", name="One more").click()
    await page.get_by_role("dialog", name="Deeper").get_by_role("button", name="Back").click()
    assert await form.get_by_label("Name").input_value() == "half"
    await page.keyboard.press("Escape")
    await form.wait_for(state="detached")

    await window.types("something to talk about")
    message = await window.sees("something to talk about")
    await window.reaches(message, "More actions")
    await page.get_by_role("menuitem", name="Form about this").click()
    await form.wait_for()


@pytest.mark.deep
async def test_the_home_tab_is_live(opens: Opens) -> None:
    window = await opens("ana")
    await window.page.locator("a[data-where=app]").click()
    await window.page.get_by_role("heading", name="At home").wait_for()
    await window.presses("Press me")
    await window.page.get_by_role("heading", name="Pressed").wait_for()
