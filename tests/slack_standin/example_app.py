"""An example bot in the manner of Bolt's public samples: a list of errands, with everything that Slack offers a bot.

It knows nothing of the stand-in; tests run it there.
"""

from typing import Any

from slack_bolt.async_app import AsyncApp

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Errands"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "bot_user": {"display_name": "errands"},
        "shortcuts": [
            {"name": "New errand", "type": "global", "callback_id": "new", "description": "Write an errand down"},
            {"name": "Make an errand", "type": "message", "callback_id": "from_message", "description": "Of this"},
        ],
        "slash_commands": [{"command": "/errand", "description": "A new errand", "usage_hint": "[what]"}],
    },
    "oauth_config": {
        "scopes": {"bot": ["commands", "chat:write", "app_mentions:read", "channels:history", "im:history"]}
    },
    "settings": {
        "socket_mode_enabled": True,
        "interactivity": {"is_enabled": True, "message_menu_options_url": "https://errands.example/slack/options"},
        "event_subscriptions": {"bot_events": ["app_home_opened", "app_mention", "message.channels", "message.im"]},
    },
}
PROJECTS = ("kitchen", "garden", "garage")
DONE: dict[str, Any] = {"type": "button", "text": {"type": "plain_text", "text": "Done"}, "action_id": "done"}


def _plain(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def _section(words: str, **further: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": words}, **further}


def form(what: str = "", place: str = "") -> dict[str, Any]:
    """The modal in which an errand is written down."""
    words: dict[str, Any] = {"type": "plain_text_input", "action_id": "it", "max_length": 80}
    if what:
        words["initial_value"] = what
    projects = {"type": "external_select", "action_id": "project", "min_query_length": 0}
    return {
        "type": "modal",
        "callback_id": "errand",
        "private_metadata": place,
        "title": _plain("New errand"),
        "submit": _plain("Save"),
        "blocks": [
            {"type": "input", "block_id": "what", "label": _plain("What?"), "element": words},
            {"type": "input", "block_id": "project", "label": _plain("Project"), "element": projects, "optional": True},
            {
                "type": "input",
                "block_id": "day",
                "label": _plain("Until"),
                "element": {"type": "datepicker", "action_id": "it"},
                "optional": True,
            },
            {"type": "actions", "elements": [{"type": "button", "text": _plain("Help"), "action_id": "help"}]},
        ],
    }


def home(errands: list[str]) -> dict[str, Any]:
    """The Home tab of someone with these errands."""
    lines = [_section(f"• {errand}", accessory=DONE | {"value": errand}) for errand in errands]
    return {"type": "home", "blocks": lines or [_section("Nothing to do.")]}


def register(app: AsyncApp, errands: dict[str, list[str]]) -> None:
    """Listen to everything; `errands` is the list of each person."""

    @app.command("/errand")
    async def command(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form(body["text"]))

    @app.shortcut("new")
    async def new(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=form())

    @app.shortcut("from_message")
    async def from_message(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        place = f"{shortcut['channel']['id']} {shortcut['message_ts']}"
        await client.views_open(trigger_id=shortcut["trigger_id"], view=form(shortcut["message"]["text"], place))

    @app.action("help")
    async def explain(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        page = {"type": "modal", "title": _plain("Help"), "blocks": [_section("An errand is anything to do.")]}
        await client.views_push(trigger_id=body["trigger_id"], view=page)

    @app.options("project")
    async def projects(ack: Any, payload: dict[str, Any]) -> None:
        found = [project for project in PROJECTS if payload["value"] in project]
        await ack(options=[{"text": _plain(project), "value": project} for project in found])

    @app.view("errand")
    async def save(ack: Any, body: dict[str, Any], view: dict[str, Any], client: Any) -> None:
        values = view["state"]["values"]
        what = values["what"]["it"]["value"]
        mine = errands.setdefault(body["user"]["id"], [])
        if what in mine:
            await ack(response_action="errors", errors={"what": "You have this one already."})
            return
        await ack()
        project = values["project"]["project"]["selected_option"]
        mine.append(what)
        await client.views_publish(user_id=body["user"]["id"], view=home(mine))
        if view["private_metadata"]:
            channel, ts = view["private_metadata"].split()
            where = f" ({project['value']})" if project else ""
            await client.chat_postMessage(channel=channel, thread_ts=ts, text=f"An errand{where}: {what}")

    @app.action("done")
    async def done(ack: Any, body: dict[str, Any], action: dict[str, Any], client: Any) -> None:
        await ack()
        mine = errands[body["user"]["id"]]
        mine.remove(action["value"])
        await client.views_publish(user_id=body["user"]["id"], view=home(mine), hash=body["view"]["hash"])

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: Any) -> None:
        if event["tab"] == "home":
            await client.views_publish(user_id=event["user"], view=home(errands.get(event["user"], [])))

    @app.event("app_mention")
    async def mentioned(event: dict[str, Any], say: Any) -> None:
        await say(text=f"<@{event['user']}>, use /errand.", thread_ts=event["ts"])

    @app.message("(?i)^hello")
    async def greet(message: dict[str, Any], say: Any) -> None:
        await say(blocks=[_section(f"Hello <@{message['user']}>!")], text="Hello!")
