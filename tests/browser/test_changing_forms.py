"""Forms and Home tabs that the bot changes while someone uses them."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp

from tests.browser.browser import Window
from tests.browser.conftest import Opens, channel, person
from tests.browser.sandboxes import SmallBotSandbox, open_sandbox
from tests.browser.test_forms import COLOURS, WITH_FORMS, field, words
from tests.browser.test_walks import violations
from tests.slack_standin.conftest import bolt_app

MANIFEST: dict[str, Any] = WITH_FORMS | {
    "settings": WITH_FORMS["settings"]
    | {"event_subscriptions": {"bot_events": ["app_home_opened", "member_joined_channel"]}}
}
LOADING = 0.4
"""Seconds that the bot thinks before the form is there."""
ZONES = {"Europe": ("Berlin", "Lisbon"), "Africa": ("Cairo", "Lagos")}


def heard(block: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A field of whose changes the bot hears at once."""
    return field(block, label, element, dispatch_action=True, **more)


def form(note: str = "") -> dict[str, Any]:
    """A form with a field of each kind; a `note` puts blocks before and between them."""
    above = [{"type": "section", "block_id": "note", "text": words(note)}] if note else []
    between = [field("reason", "Reason", {"type": "plain_text_input"}, optional=True)] if note else []
    blocks = [
        *above,
        field("title", "Title", {"type": "plain_text_input"}, hint=words("Shown on top")),
        *between,
        heard("how", "How often", {"type": "radio_buttons", "options": COLOURS[:2]}),
        heard("day", "Day", {"type": "static_select", "options": COLOURS}),
        heard("days", "More days", {"type": "multi_static_select", "options": COLOURS}, optional=True),
        heard("hour", "Hour", {"type": "timepicker", "initial_time": "16:00"}),
        heard("first", "First", {"type": "datepicker", "initial_date": "2030-03-08"}),
        heard(
            "where",
            "Where",
            {"type": "conversations_select", "filter": {"include": ["public", "private"]}},
        ),
        heard("who", "Who", {"type": "multi_users_select"}, optional=True),
        heard("extras", "Extras", {"type": "checkboxes", "options": COLOURS[2:]}, optional=True),
        heard("zone", "Time zone", {"type": "external_select", "min_query_length": 0, "placeholder": words("A city")}),
    ]
    return {
        "type": "modal",
        "callback_id": "settings",
        "title": words("Settings"),
        "submit": words("Save"),
        "blocks": blocks,
    }


def page_of(text: str, submit: str | None = None) -> dict[str, Any]:
    """A modal that only says something."""
    body: dict[str, Any] = {
        "type": "modal",
        "callback_id": "settings",
        "title": words("Settings"),
        "blocks": [{"type": "section", "text": words(text)}],
    }
    return body | ({"submit": words(submit)} if submit else {})


def home(text: str, number: int = 1) -> dict[str, Any]:
    """A Home tab with something of each kind to use."""
    overflow = {"type": "overflow", "action_id": "more", "options": COLOURS[:3]}
    menu = {"type": "static_select", "action_id": "pick", "options": COLOURS, "placeholder": words("Which?")}
    buttons = [
        {"type": "button", "action_id": "next", "text": words("Next page")},
        {"type": "button", "action_id": "settings", "text": words("Settings"), "style": "primary"},
    ]
    blocks = [
        {"type": "header", "text": words(f"Page {number}")},
        {"type": "section", "block_id": "line", "text": words(text), "accessory": overflow},
        {"type": "section", "block_id": "menu", "text": words("Show another"), "accessory": menu},
        {"type": "actions", "block_id": "row", "elements": buttons},
        {"type": "context", "elements": [words("Only visible to you.")]},
    ]
    return {"type": "home", "blocks": blocks}


class ChangingSandbox(SmallBotSandbox):
    """A sandbox whose bot changes its forms with every interaction."""

    def __init__(self) -> None:
        super().__init__(MANIFEST)
        self.heard: list[tuple[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        self.tabs: list[str] = []
        self.inviters: list[str | None] = []
        self.deaf = False

    def register_listeners(self, app: AsyncApp) -> None:
        async def show(ack: Any, body: dict[str, Any], client: Any) -> None:
            opened = await client.views_open(trigger_id=body["trigger_id"], view=page_of("Looking up the settings…"))
            await ack()
            await asyncio.sleep(LOADING)
            await client.views_update(view_id=opened["view"]["id"], view=form())

        app.command("/form")(show)
        app.action("settings")(show)

        @app.action("a")
        async def changed(ack: Any, body: dict[str, Any], client: Any) -> None:
            [action] = body["actions"]
            value = next(action[name] for name in action if name.startswith("selected_"))
            self.heard.append((action["block_id"], value))
            self.slack.world.changes.signal()
            await client.views_update(view_id=body["view"]["id"], view=form(f"{len(self.heard)} changes"))
            await ack()

        @app.options("a")
        async def zones(ack: Any, payload: dict[str, Any]) -> None:
            if self.deaf:
                return
            typed = payload["value"].lower()
            groups = []
            for name, cities in ZONES.items():
                found = [{"text": words(each), "value": each} for each in cities if typed in each.lower()]
                groups += [{"label": words(name), "options": found}] if found else []
            await ack(option_groups=groups)

        @app.view("settings")
        async def sent(ack: Any, view: dict[str, Any]) -> None:
            self.sent.append(view["state"]["values"])
            await ack(**(self.answers.pop(0) if self.answers else {}))

        @app.event("app_home_opened")
        async def opened(event: dict[str, Any], client: Any) -> None:
            self.tabs.append(event["tab"])
            await client.views_publish(user_id=event["user"], view=home("Nothing chosen yet"))

        @app.event("member_joined_channel")
        async def joined(event: dict[str, Any], client: Any) -> None:
            self.inviters.append(event.get("inviter"))
            button = {"type": "button", "action_id": "settings", "text": words("Set it up")}
            section = {"type": "section", "text": words("Thank you for having me."), "accessory": button}
            await client.chat_postEphemeral(
                channel=event["channel"], user=event["inviter"], text="Thank you", blocks=[section]
            )

        async def used(ack: Any, body: dict[str, Any], client: Any) -> None:
            [action] = body["actions"]
            chosen = action.get("selected_option", {}).get("value", "nothing")
            number = 2 if action["action_id"] == "next" else 1
            await client.views_publish(user_id=body["user"]["id"], view=home(f"You chose {chosen}", number))
            await ack()

        for action_id in ("more", "pick", "next"):
            app.action(action_id)(used)

    async def hears(self, block: str) -> Any:
        """Wait until the bot hears of a field, and return what is in it."""
        await self.slack.wait_for(lambda: self.heard and self.heard[-1][0] == block, timeout=5)
        return self.heard[-1][1]


@pytest.fixture
async def sandbox() -> AsyncIterator[ChangingSandbox]:
    async with open_sandbox(ChangingSandbox()) as made:
        yield made


async def shoot(window: Window, name: str) -> None:
    """Take a picture, if someone wants to look at it."""
    if folder := os.environ.get("PICTURES"):
        await window.page.screenshot(path=Path(folder) / f"{name}.png")


async def opened_form(window: Window) -> Any:
    """Open the form, and wait until what stood in its place is gone."""
    await window.types("/form")
    dialog = window.page.get_by_role("dialog", name="Settings")
    await dialog.get_by_text("Looking up the settings…").wait_for()
    await shoot(window, "loading")
    await dialog.get_by_label("Title").wait_for()
    return dialog


@pytest.mark.deep
async def test_a_form_that_comes_later_takes_the_focus_and_keeps_what_is_typed(
    opens: Opens, sandbox: ChangingSandbox
) -> None:
    window = await opens("ana")
    page = window.page
    dialog = await opened_form(window)
    await page.keyboard.type("Our wi")
    await shoot(window, "form")
    assert await dialog.get_by_label("Title").input_value() == "Our wi"
    [view] = sandbox.slack.modals(person(sandbox, "ana"))
    client = bolt_app(sandbox.slack).client
    changing = asyncio.create_task(client.views_update(view_id=view.id, view=form("changed from afar")))
    await page.keyboard.type("ns, week by week", delay=15)
    await changing
    await dialog.get_by_text("changed from afar").wait_for()
    await page.keyboard.type("!")
    assert await dialog.get_by_label("Title").input_value() == "Our wins, week by week!"
    assert await violations(page) == []

    await dialog.get_by_label("Reason").fill("none")
    await client.views_update(view_id=view.id, view=form())
    await dialog.get_by_label("Reason").wait_for(state="detached")
    await client.views_update(view_id=view.id, view=form("again"))
    assert await dialog.get_by_label("Reason").input_value() == ""
    await dialog.get_by_label("Title").press("End")
    await page.keyboard.type("!")
    assert await dialog.get_by_label("Title").input_value() == "Our wins, week by week!!"


async def test_everything_that_is_chosen_reaches_the_bot_at_once(opens: Opens, sandbox: ChangingSandbox) -> None:
    window = await opens("ana")
    page = window.page
    dialog = await opened_form(window)
    await dialog.get_by_label("Title").fill("Wins")
    await dialog.get_by_label("Green").first.check()
    assert (await sandbox.hears("how"))["value"] == "green"
    await dialog.get_by_text("1 changes").wait_for()

    await dialog.get_by_role("combobox", name="Day", exact=True).fill("blu")
    await page.get_by_role("option", name="Blue").click()
    assert (await sandbox.hears("day"))["value"] == "blue"
    await dialog.get_by_role("combobox", name="More days").fill("red")
    await page.get_by_role("option", name="Red").click()
    assert [each["value"] for each in await sandbox.hears("days")] == ["red"]
    await dialog.get_by_role("combobox", name="More days").fill("gre")
    await page.get_by_role("option", name="Green").wait_for()
    await page.keyboard.press("Escape")
    await page.get_by_role("option", name="Green").wait_for(state="detached")

    await dialog.get_by_label("Hour").focus()
    await page.keyboard.type("0930AM", delay=40)
    assert await sandbox.hears("hour") == "09:30"
    assert [block for block, _ in sandbox.heard].count("hour") == 1
    await dialog.get_by_label("First").fill("2030-03-15")
    assert await sandbox.hears("first") == "2030-03-15"

    await dialog.get_by_role("combobox", name="Where").fill("gen")
    await page.get_by_role("option", name="#general").click()
    assert await sandbox.hears("where") == channel(sandbox, "general").id
    await dialog.get_by_role("combobox", name="Where").fill("o")
    await page.get_by_role("option", name="#product").wait_for()
    assert await page.get_by_role("option", name="Ben Okafor").count() == 0
    await page.keyboard.press("Escape")
    await page.get_by_role("option", name="#product").wait_for(state="detached")
    await dialog.get_by_role("combobox", name="Who").fill("ben")
    await page.get_by_role("option", name="Ben Okafor").click()
    assert await sandbox.hears("who") == [person(sandbox, "ben").id]
    await dialog.get_by_label("Gold").last.check()
    assert [each["value"] for each in await sandbox.hears("extras")] == ["gold"]

    await dialog.get_by_role("combobox", name="Time zone").click()
    await page.get_by_role("option", name="Lagos").wait_for()
    await page.wait_for_timeout(200)
    await shoot(window, "zones")
    assert await violations(page) == []
    await page.get_by_role("group", name="Africa").wait_for()
    await page.keyboard.type("li")
    await page.get_by_role("option", name="Lagos").wait_for(state="detached")
    await page.get_by_role("option", name="Lisbon").click()
    assert (await sandbox.hears("zone"))["value"] == "Lisbon"
    await dialog.get_by_text(f"{len(sandbox.heard)} changes").wait_for()
    await shoot(window, "filled")

    await sandbox.slack.archive(channel(sandbox, "general"))
    await page.get_by_text("This channel is archived.").wait_for(state="attached")
    assert await dialog.get_by_role("combobox", name="Where").input_value() == "#general"
    await dialog.get_by_role("button", name="Save").click()
    await dialog.wait_for(state="detached")
    [values] = sandbox.sent
    assert values["title"]["a"]["value"] == "Wins"
    assert values["how"]["a"]["selected_option"]["value"] == "green"
    assert values["day"]["a"]["selected_option"]["value"] == "blue"
    assert [each["value"] for each in values["days"]["a"]["selected_options"]] == ["red"]
    assert values["who"]["a"]["selected_users"] == [person(sandbox, "ben").id]
    assert values["where"]["a"]["selected_conversation"] == channel(sandbox, "general").id
    assert values["hour"]["a"]["selected_time"] == "09:30"
    assert values["zone"]["a"]["selected_option"]["value"] == "Lisbon"


@pytest.mark.deep
async def test_a_menu_says_that_nothing_is_found_or_that_nobody_answers(opens: Opens, sandbox: ChangingSandbox) -> None:
    window = await opens("ana")
    dialog = await opened_form(window)
    zone = dialog.get_by_role("combobox", name="Time zone")
    await zone.fill("xyz")
    await window.page.get_by_text("No results").wait_for()
    sandbox.deaf = True
    await zone.fill("x")
    await window.page.get_by_text("Winsome didn't respond. Try again.").wait_for()
    await window.page.keyboard.press("Escape")
    await dialog.wait_for()


@pytest.mark.deep
async def test_a_sent_form_is_complained_about_changed_covered_and_cleared(
    opens: Opens, sandbox: ChangingSandbox
) -> None:
    window = await opens("ana")
    page = window.page
    dialog = await opened_form(window)
    await dialog.get_by_label("Title").fill("Wins")
    await dialog.get_by_label("Red").first.check()
    await dialog.get_by_role("combobox", name="Day", exact=True).fill("blu")
    await page.get_by_role("option", name="Blue").click()
    await dialog.get_by_role("combobox", name="Where").fill("gen")
    await page.get_by_role("option", name="#general").click()
    await dialog.get_by_role("combobox", name="Time zone").fill("ca")
    await page.get_by_role("option", name="Cairo").click()
    await sandbox.hears("zone")
    await dialog.get_by_text(f"{len(sandbox.heard)} changes").wait_for()

    sandbox.answers = [
        {"response_action": "errors", "errors": {"where": "Not there, please.", "hour": "Too late in the day."}},
        {"response_action": "update", "view": form("saved once") | {"title": words("Once more")}},
        {"response_action": "push", "view": page_of("Are you sure?", "Yes")},
        {"response_action": "clear"},
    ]
    send = page.get_by_role("button", name="Save")
    await send.click()
    await dialog.locator(".b-input.wrong", has_text="Not there, please.").wait_for()
    await shoot(window, "errors")
    assert await violations(page) == []
    assert await dialog.get_by_label("Title").input_value() == "Wins"
    assert await dialog.get_by_role("combobox", name="Time zone").input_value() == "Cairo"
    await send.click()
    await page.get_by_role("dialog", name="Once more").get_by_text("saved once").wait_for()
    assert await page.locator(".b-input.wrong").count() == 0
    await send.click()
    await page.get_by_text("Are you sure?").wait_for()
    await shoot(window, "pushed")
    assert await page.evaluate("document.activeElement.closest('.dialog') !== null")
    await page.get_by_role("button", name="Yes").click()
    await page.get_by_role("dialog").wait_for(state="detached")
    assert len(sandbox.sent) == 4


@pytest.mark.deep
async def test_the_home_tab_has_menus_and_buttons_that_work(opens: Opens, sandbox: ChangingSandbox) -> None:
    window = await opens("ana")
    page = window.page
    await page.locator("a[data-where=app]").click()
    await page.get_by_role("heading", name="Page 1").wait_for()
    assert sandbox.tabs == ["home"]
    await shoot(window, "home")
    assert await violations(page) == []
    await window.presses("More actions")
    await page.get_by_role("menuitem", name="Green").click()
    await page.get_by_text("You chose green").wait_for()
    await page.get_by_role("combobox", name="Which?").fill("gol")
    await page.get_by_role("option", name="Gold").click()
    await page.get_by_text("You chose gold").wait_for()
    await window.presses("Next page")
    await page.get_by_role("heading", name="Page 2").wait_for()
    await window.presses("Settings")
    dialog = page.get_by_role("dialog", name="Settings")
    await dialog.get_by_label("Title").wait_for()
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
    await page.get_by_role("tab", name="Messages").click()
    await page.locator("#composer").wait_for()
    await page.get_by_role("tab", name="Home").click()
    await page.get_by_role("heading", name="Page 1").wait_for()
    async with asyncio.timeout(5):
        while sandbox.tabs != ["home", "messages", "home"]:  # noqa: ASYNC110 - the page sends it behind what it shows
            await asyncio.sleep(0.02)


@pytest.mark.deep
async def test_whoever_invites_the_bot_is_asked_in_private(opens: Opens, sandbox: ChangingSandbox) -> None:
    ana, ben = await opens("ana"), await opens("ben")
    for window in (ana, ben):
        await window.page.locator("a[data-where=random]").click()
    await ana.types("/invite @parrot")
    asked = await ana.sees("Thank you for having me.")
    await shoot(ana, "invited")
    assert sandbox.inviters == [person(sandbox, "ana").id]
    assert await violations(ana.page) == []
    await asked.get_by_role("button", name="Set it up").click()
    await ana.page.get_by_role("dialog", name="Settings").get_by_label("Title").wait_for()
    await ben.types("what did it say?")
    await ben.sees("what did it say?")
    assert await ben.page.get_by_text("Thank you for having me.").count() == 0


async def test_roles_stand_beside_names(opens: Opens, sandbox: ChangingSandbox) -> None:
    await sandbox.slack.change_person(person(sandbox, "ben"), is_owner=True)
    await sandbox.slack.change_person(person(sandbox, "chloe"), guest=True)
    window = await opens("ana")
    members = window.page.get_by_role("img", name="Members")
    assert "Ana Ruiz (admin), Ben Okafor (owner), Chloe Ngata (guest), Dmitri Volkov" in str(
        await members.get_attribute("aria-label")
    )
    await window.page.locator(".switcher").click()
    await window.page.get_by_role("menuitem", name="Ben Okafor owner").wait_for()
    await window.page.get_by_role("menuitem", name="Chloe Ngata guest").wait_for()
    await shoot(window, "roles")
