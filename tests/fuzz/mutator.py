"""Payloads as Slack sends them, and what becomes of them in the hands of somebody who means no good."""

import copy
import json
import random
from collections.abc import Callable, Collection, Iterator
from typing import Any
from urllib.parse import urlencode

from tests.project.action_ids import interactive_ids
from tests.signed_client import FORM, JSON
from tests.team import Team

KindedPayload = tuple[str, Any]
"""(slash_commands, interactive or events_api; payload)"""

TYPES = [
    *("event_callback", "url_verification", "app_rate_limited", "block_actions", "view_submission", "view_closed"),
    *(
        "shortcut",
        "message_action",
        "block_suggestion",
        "interactive_message",
        "dialog_submission",
        "workflow_step_edit",
    ),
    *(
        "dialog_suggestion",
        "dialog_cancellation",
        "hello",
        "function_executed",
        "reaction_added",
        "user_change",
        "message",
    ),
]
KEYS = [
    *("type", "command", "payload", "ssl_check", "challenge", "team", "team_id", "event", "actions", "view", "text"),
    *(
        "response_url",
        "enterprise",
        "enterprise_id",
        "is_enterprise_install",
        "authorizations",
        "user",
        "user_id",
        "item",
    ),
    *(
        "channel",
        "channel_id",
        "container",
        "message",
        "previous_message",
        "function_data",
        "bot_access_token",
        "inputs",
    ),
    *("envelope_id", "mode", "callback_id", "action_id", "subtype", "bot_id", "trigger_id", "assistant_thread", "ts"),
    *(
        "value",
        "action_ts",
        "message_ts",
        "event_ts",
        "reaction",
        "id",
        "profile",
        "tz",
        "name",
        "workflow_step",
        "state",
    ),
    *(
        "private_metadata",
        "root_view_id",
        "context_team_id",
        "authed_users",
        "event_id",
        "token",
        "thread_ts",
        "api_app_id",
    ),
]
STRINGS = [
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud800",
        "x\udfff\ud83d",
        "\u202e",
        "\u2066\u202e",
        "\ufeff",
        "\ufffe",
        "\u2028",
        "🎉" * 40,
    ),
    *(
        "<!channel>",
        "<!here|here>",
        "<@U012AB>",
        "<@U012AB|ana>",
        "<!subteam^S1|@crew>",
        "<#C1|general>",
        "<#C1|>",
        "<>",
    ),
    *(
        "@here @channel @everyone",
        "&amp;lt;!channel&amp;gt;",
        "<https://evil.test|https://slack.com>",
        "<mailto:a@b|c>",
        "<|",
        "<@",
    ),
    *(
        "' OR 1=1 --",
        "%s%n{0}{x}$1",
        "../../etc/passwd",
        "true",
        "null",
        "NaN",
        "-1",
        "0",
        "9" * 30,
        "1e999",
        "help",
        "/win",
    ),
    *("T1", "U1", "C1", "D1", "G1", "t0", "T" + "0" * 31, "T" + "0" * 40, "Ü1", "U１", "1900000000.000001", "1.000000"),
    *(
        "999999999999.999999",
        "1900000000",
        "1900000000.1",
        "١٩٠٠٠٠٠٠٠٠.٠٠٠٠٠١",
        "https://hooks.slack.com/x",
        "http://127.0.0.1:1/",
    ),
    *("Europe/Berlin", "../UTC", "Europe", "tzdata", "UTC\x00", "x" * 300, "e" + "\u0301" * 500, "#" * 60, "#a" * 200),
]


async def record_payloads(team: Team) -> list[KindedPayload]:
    """What Slack sends in a short conversation that tries everything the bot listens to, and what it does not."""
    slack = team.slack
    await team.says(team.ana, "/win fixed the flaky build with @ben #quality https://example.test/1")
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
    await _record_admin_actions(team)
    await _record_channel_events(team)
    for line in ("/win help", "/wins help", "/wins undo everything", "/win"):
        await team.says(team.ana, line)
    sent = [(one.kind, one.payload) for one in slack.ledger.deliveries()]
    payloads = [*sent, *_unhandled_payloads(team, sent), *_every_action(team, sent)]
    assert len(payloads) < 300, "each of them has its turn"
    return payloads


async def _record_admin_actions(team: Team) -> None:
    """Ana uses both forms, the log, and what `/wins` and a word bring her."""
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


async def _record_channel_events(team: Team) -> None:
    """Of all that may happen to a channel, everything happens to some."""
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
    """A press of everything that the bot listens to, on a message, in a modal and on Home, and each form sent."""
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
    """Kinds that Slack knows and the bot does not listen to."""
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
    """Of which kind a payload is: presses on messages, in modals and on Home are three."""
    kind, payload = one
    about = payload["event"] if kind == "events_api" else payload
    return f"{kind} {about.get('type')} {about.get('view', {}).get('type')}"


class Mutator:
    """Changes payloads at random, always the same way for the same seed."""

    def __init__(self, seed: int, corpus: list[KindedPayload]) -> None:
        self.random = random.Random(seed)
        self._corpus = corpus
        self._by_kind: dict[str, list[KindedPayload]] = {}
        for one in corpus:
            self._by_kind.setdefault(payload_kind(one), []).append(one)

    def next(self) -> KindedPayload:
        """A payload of any kind, each as often, with up to four things wrong in it."""
        kind, payload = self.random.choice(self._by_kind[self.random.choice(list(self._by_kind))])
        payload = copy.deepcopy(payload)
        for _ in range(self.random.choice([1, 1, 1, 2, 2, 3, 4])):
            payload = self._mutate(payload)
        return kind, payload

    def random_value(self) -> Any:
        """A value that nobody expects."""
        rng = self.random
        makers: list[Callable[[], Any]] = [
            lambda: None,
            lambda: rng.choice([True, False]),
            lambda: rng.choice([0, -1, 2**63, 10**40, 1.5, 1e308, 1900000000.000001]),
            lambda: rng.choice(STRINGS),
            lambda: rng.choice(STRINGS),
            lambda: rng.choice(STRINGS) + rng.choice(STRINGS),
            lambda: "".join(chr(rng.choice([rng.randrange(128), rng.randrange(0x10FFFF)])) for _ in range(20)),
            lambda: rng.choice(STRINGS) * rng.randrange(1, 60) if rng.random() < 0.2 else "x",
            lambda: "x" * 50_000 if rng.random() < 0.05 else "y" * 600,
            lambda: rng.choice([[], {}, [[]], [None], [{}], {"": ""}, {"id": None}, {"id": []}, {"type": {}}, ["x"]]),
            lambda: json.loads("[" * 60 + "]" * 60),
            lambda: rng.choice(TYPES),
            lambda: copy.deepcopy(rng.choice(self._corpus)[1]),
        ]
        return rng.choice(makers)()

    def _mutate(self, payload: Any) -> Any:
        rng = self.random
        # What a view or a message shows comes back in full, and is never read.
        positions = list(positions_in(payload, excluded_keys=() if rng.random() < 0.1 else ("blocks",)))
        if not positions or rng.random() < 0.01:
            return self.random_value()
        holder, key = rng.choice(positions)
        match rng.choice(
            ["drop", "retype", "retype", "retype", "wrap", "deepen", "add", "add", "retag", "twice", "borrow"]
        ):
            case "drop":
                del holder[key]
            case "retype":
                holder[key] = self.random_value()
            case "wrap":
                holder[key] = rng.choice([[holder[key]], {"id": holder[key]}, {"type": holder[key]}, str(holder[key])])
            case "deepen":
                for _ in range(40):
                    holder[key] = [holder[key]] if rng.random() < 0.5 else {rng.choice(KEYS): holder[key]}
            case "add" if isinstance(payload, dict):
                at = rng.choice([payload, *(value for value in payload.values() if isinstance(value, dict))])
                at[rng.choice(KEYS)] = self.random_value()
            case "retag" if isinstance(payload, dict):
                payload["type"] = rng.choice(TYPES)
            case "twice" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case "borrow":
                other, name = rng.choice(list(positions_in(rng.choice(self._corpus)[1])))
                holder[key] = copy.deepcopy(other[name])
        return payload

    def request(self, kind: str, payload: Any) -> tuple[bytes, str]:
        """A body with its content type; sometimes not the right one, sometimes with bytes that have changed."""
        rng = self.random
        form = rng.random() < 0.95 and kind != "events_api"
        if form and kind == "slash_commands" and isinstance(payload, dict):
            body = urlencode({str(key): _as_text(payload[key]) for key in payload}, errors="surrogatepass").encode()
        elif form:
            body = urlencode({"payload": json.dumps(payload)}).encode()
        else:
            body = json.dumps(payload).encode()
        if rng.random() < 0.25:
            body = self.bytes(body)
        if rng.random() < 0.1:
            return body, rng.choice([FORM, JSON, "text/plain", "application/json; charset=utf-16", "x", "a/b;c", ""])
        return body, FORM if form else JSON

    def bytes(self, body: bytes) -> bytes:
        """The same with a few bytes changed, cut out or put in."""
        rng, changed = self.random, bytearray(body)
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(changed) + 1)
            match rng.randrange(5):
                case 0 if changed:
                    changed[at % len(changed)] = rng.randrange(256)
                case 1:
                    del changed[at : at + rng.randrange(1, 20)]
                case 2:
                    changed[at:at] = rng.randbytes(rng.randrange(1, 9))
                case 3:
                    changed[at:at] = rng.choice(
                        [b"&payload=", b"&command=/win", b"%00", b"%", b"%ff", b'"', b"}", b"\\u0000", b"&"]
                    )
                case 4:
                    del changed[at:]
        return bytes(changed)

    def headers(self) -> dict[str, str]:
        """Headers that nobody asked for."""
        rng = self.random
        if rng.random() < 0.8:
            return {}
        names = [
            "X-Slack-Retry-Num",
            "X-Slack-Retry-Reason",
            "X-Slack-Bolt-Lazy-Only",
            "X-Slack-Bolt-Lazy-Function-Name",
        ]
        names += ["Cookie", "Accept", "Content-Language", "Authorization", "X-Forwarded-For", "Content-Encoding"]
        return {rng.choice(names): rng.choice(["1", "win", "x" * 500, "é", "😀", "gzip"])}


def positions_in(value: Any, excluded_keys: Collection[str] = ()) -> list[tuple[Any, Any]]:
    """Every (holder, key) in a payload, `but` what is at these keys."""
    here: list[tuple[Any, Any]]
    if isinstance(value, dict):
        here = [(value, key) for key in value if key not in excluded_keys]
    elif isinstance(value, list):
        here = [(value, key) for key in range(len(value))]
    else:
        return []
    return here + [position for holder, key in here for position in positions_in(holder[key], excluded_keys)]


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
