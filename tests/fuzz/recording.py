"""Payloads as Slack sends them: everything that the bot listens to, recorded from a conversation."""

from collections.abc import Iterable, Iterator
from typing import Any

from bot.slack.manifest import SAVE_MESSAGE_SHORTCUT
from tests.project.action_ids import interactive_ids
from tests.team import Team

KindedPayload = tuple[str, Any]
"""(slash_commands, interactive or events_api; payload)"""


async def record_payloads(team: Team) -> list[KindedPayload]:
    """Return what Slack sends in a short conversation that uses every listener, and kinds that none listens to."""
    slack = team.slack
    await team.says(team.ana, "/win fixed the flaky build with @dmitri #quality https://example.test/1")
    announced = await team.sees("ana: fixed the flaky build")
    await slack.press(team.ben, announced, "cheer")
    await slack.press(team.ben, announced, "cheer")
    already = slack.seen_by(team.ben, team.general)[-1]
    await slack.press(team.ben, already, "take_back_cheer")
    await team.says(team.chloe, "/win wrote the docs")
    saved = slack.seen_by(team.chloe, team.general)[-1]
    await slack.press(team.chloe, saved, "undo_win")
    await team.says(team.dmitri, "/win shipped it")
    await team.says(team.dmitri, "/wins")
    await slack.press(team.dmitri, slack.seen_by(team.dmitri, team.general)[-1], "undo_listed_win")
    await slack.react(team.chloe, team.general, announced.ts, "wave::skin-tone-3")
    await slack.unreact(team.chloe, team.general, announced.ts, "wave::skin-tone-3")
    await slack.change_person(team.ben, name="benny")
    await _record_messages(team)
    await _record_admin_actions(team)
    await _record_channel_events(team)
    for line in ("/win help", "/wins help", "/wins undo everything"):
        await team.says(team.ana, line)
    await slack.slash(team.ana, team.general, "/win")
    await slack.fill(team.ana, "win_text", "wrote it down")
    await slack.suggest(team.ana, "win_tags", "quality")
    await slack.submit(team.ana)
    sent = list(_without_repeats((one.kind, one.payload) for one in slack.ledger.deliveries()))
    payloads = [*sent, *_unhandled_payloads(team, sent), *_every_action(team, sent)]
    assert len(payloads) < 380, "each of them has its turn"
    return payloads


def _without_repeats(sent: Iterable[KindedPayload]) -> Iterator[KindedPayload]:
    """Leave out events of the bot's own messages that are like one before: how often it edits depends on timing."""
    seen = set()
    for kind, payload in sent:
        event = payload.get("event", {})
        message = event.get("message", event)
        if event.get("type") == "message" and "bot_id" in message:
            alike = event.get("subtype"), event["channel"]
            if alike in seen:
                continue
            seen.add(alike)
        yield kind, payload


async def _record_admin_actions(team: Team) -> None:
    """Ana uses both forms, the audit log, and each subcommand of `/wins`."""
    slack, ana = team.slack, team.ana
    await slack.slash(ana, team.general, "/wins setup")
    await slack.fill(ana, "cadence", "on_weekday")
    await slack.fill(ana, "cadence", "weekly")
    await slack.fill(ana, "every_weeks", "2")
    await slack.suggest(ana, "zone", "berlin")
    await slack.submit(ana)
    await slack.open_home(ana)
    await slack.press(ana, _require_view(slack.home(ana)), "home_defaults")
    await slack.fill(ana, "rhythm", "fortnightly")
    await slack.suggest(ana, "zone", "kolk")
    await slack.submit(ana)
    await slack.press(ana, _require_view(slack.home(ana)), "home_audit")
    await slack.close_view(ana)
    await slack.press(ana, _require_view(slack.home(ana)), "home_settings")
    await slack.close_view(ana)
    for line, action in (("/wins pause", "skip_roundup"), ("/wins post", "post_roundup_not_now")):
        await team.says(ana, line)
        await slack.press(ana, slack.seen_by(ana, team.general)[-1], action)
    for line in ("/wins pause until 20 March", "/wins resume", "/wins preview"):
        await team.says(ana, line)


async def _record_messages(team: Team) -> None:
    """Ben mentions the bot and writes to it, and Chloe uses the shortcut on his message."""
    slack, ben = team.slack, team.ben
    team.lets_the_bot_read()
    said = await slack.mention(ben, team.general, f"fixed it with <@{team.chloe.id}> <https://example.test|it>")
    await team.sees("Want to save that as a win?", person=ben)
    direct = slack.open_dm(ben)
    await slack.open_home(ben, "messages")
    await slack.say(ben, direct, "hello")
    await team.sees("Tell me what went well", channel=direct)
    await slack.message_shortcut(team.chloe, said, SAVE_MESSAGE_SHORTCUT)
    await slack.submit(team.chloe)


async def _record_channel_events(team: Team) -> None:
    """Send each event that a channel can have."""
    slack = team.slack
    for name in ("launch", "secret"):
        channel = slack.add_channel(name, private=name == "secret", members=[team.ana, team.ben], creator=team.ana)
        await slack.remove_bot(channel)
        await slack.invite_bot(channel, by=team.ana)
        offer = await team.sees("every", channel=channel, person=team.ana)
        await slack.press(team.ana, offer, "accept_offer")
        await slack.archive(channel)
        await slack.unarchive(channel)
        if name == "launch":
            await slack.join(channel, team.chloe, by=team.ana)
            await slack.change_channel_id(channel)
        await slack.delete_channel(channel)


def _require_view(view: Any) -> Any:
    assert view is not None, "a Home is shown"
    return view


def _every_action(team: Team, sent: list[KindedPayload]) -> Iterator[KindedPayload]:
    """Yield a press of each button that the bot listens to, on a message, in a modal and on Home."""
    presses = [payload for kind, payload in sent if kind == "interactive" and payload["type"] == "block_actions"]
    on_message = next(payload for payload in presses if "message" in payload)
    on_home = next(payload for payload in presses if payload.get("view", {}).get("type") == "home")
    in_form = next(payload for payload in presses if payload.get("view", {}).get("callback_id") == "setup")
    values = {"post_roundup_now": "1", "skip_roundup": "2030-03-08", "audit_older": "9", "home_more": "0,0,0"}
    for kind, name in sorted(set(interactive_ids())):
        if kind != "action":
            continue
        value = values.get(name, team.general.id)
        for press in (on_message, on_home, in_form):
            action = press["actions"][0] | {"action_id": name, "value": value, "type": "button"}
            yield "interactive", press | {"actions": [action]}
    date = on_message["actions"][0] | {"action_id": "pause_until", "type": "datepicker", "selected_date": "2030-03-20"}
    yield "interactive", on_message | {"actions": [date]}


def _unhandled_payloads(team: Team, sent: list[KindedPayload]) -> list[KindedPayload]:
    """Return payloads of kinds that Slack knows and the bot does not listen to."""
    press = next(payload for kind, payload in sent if kind == "interactive")
    common = {
        "team": press["team"],
        "user": press["user"],
        "trigger_id": "1.2.3",
        "api_app_id": "A1",
        "enterprise": None,
    }
    view = {"id": "V1", "type": "modal", "callback_id": "log", "state": {"values": {}}, "private_metadata": ""}
    payloads: list[KindedPayload] = [
        ("interactive", common | {"type": kind, "callback_id": "log", "view": view, "response_urls": []})
        for kind in ("view_submission", "view_closed", "shortcut", "message_action", "interactive_message")
    ]
    payloads.append(
        ("interactive", common | {"type": "block_suggestion", "action_id": "x", "block_id": "y", "value": "z"})
    )
    payloads.append(
        ("interactive", press | {"actions": [press["actions"][0] | {"action_id": "from_an_older_version"}]})
    )
    event = next(payload for kind, payload in sent if kind == "events_api")
    events: list[dict[str, Any]] = [
        {
            "type": "app_home_opened",
            "user": team.ana.id,
            "tab": "home",
            "channel": "D1",
            "event_ts": "1900000000.000001",
        },
        {"type": "message", "subtype": "message_changed", "channel": team.general.id, "message": {"user": team.ana.id}},
        {"type": "function_executed", "function": {"callback_id": "f"}, "inputs": {}, "bot_access_token": "xwfp-1"},
        {"type": "member_joined_channel", "user": team.ana.id, "channel": team.general.id, "team": team.slack.team_id},
    ]
    payloads.extend(("events_api", event | {"event": one, "event_id": "Ev9"}) for one in events)
    command = next(payload for kind, payload in sent if kind == "slash_commands")
    payloads.append(("slash_commands", command | {"command": "/winsome"}))
    return payloads


def payload_kind(one: KindedPayload) -> str:
    """Return the kind of a payload; presses on messages, in modals and on Home are three kinds."""
    kind, payload = one
    about = payload["event"] if kind == "events_api" else payload
    return f"{kind} {about.get('type')} {about.get('view', {}).get('type')}"
