"""A bot whose forms and Home tab change while someone uses them."""

import asyncio
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from tests.browser.sandboxes import SmallBotSandbox
from tests.browser.test_forms import COLOURS, WITH_FORMS, field, words

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
            if self.deaf:
                return
            [action] = body["actions"]
            chosen = action.get("selected_option", {}).get("value", "nothing")
            number = 2 if action["action_id"] == "next" else 1
            await client.views_publish(user_id=body["user"]["id"], view=home(f"You chose {chosen}", number))
            await ack()

        for action_id in ("more", "pick", "next"):
            app.action(action_id)(used)

    async def hears(self, block: str) -> Any:
        """Wait until the bot hears of a field, and return what is in it."""
        await self.slack.wait_for(lambda: self.heard and self.heard[-1][0] == block)
        return self.heard[-1][1]
