"""Payloads as Slack sends them, and what becomes of them in the hands of somebody who means no good."""

import copy
import json
import random
from collections.abc import Callable, Collection, Iterator
from typing import Any
from urllib.parse import urlencode

from tests.project.action_ids import interactive_ids
from tests.slack.signed_client import FORM, JSON
from tests.team import Team

Kinded = tuple[str, Any]
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


async def recorded(team: Team) -> list[Kinded]:
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
    await _an_admin_looks_after_it(team)
    await _channels_come_and_go(team)
    for line in ("/win help", "/wins help", "/wins undo everything", "/win"):
        await team.says(team.ana, line)
    sent = [(one.kind, one.payload) for one in slack.ledger.deliveries()]
    made = [*sent, *_others(team, sent), *_everything_that_is_offered(team, sent)]
    assert len(made) < 300, "each of them has its turn"
    return made


async def _an_admin_looks_after_it(team: Team) -> None:
    """Ana uses both forms, the log, and what `/wins` and a word bring her."""
    slack, ana = team.slack, team.ana
    await slack.slash(ana, team.general, "/wins setup")
    await slack.fill(ana, "cadence", "on_weekday")
    await slack.fill(ana, "cadence", "weekly")
    await slack.fill(ana, "every_weeks", "2")
    await slack.suggest(ana, "zone", "berlin")
    await slack.submit(ana)
    await slack.open_home(ana)
    await slack.press(ana, _seen(slack.home(ana)), "home_defaults")
    await slack.fill(ana, "rhythm", "fortnightly")
    await slack.suggest(ana, "zone", "kolk")
    await slack.submit(ana)
    await slack.press(ana, _seen(slack.home(ana)), "home_audit")
    await slack.close_view(ana)
    await slack.press(ana, _seen(slack.home(ana)), "home_settings")
    await slack.close_view(ana)
    for line, action in (("/wins pause", "skip_roundup"), ("/wins post", "post_roundup_not_now")):
        await team.says(ana, line)
        await slack.press(ana, slack.seen_by(ana, team.general)[-1], action)
    for line in ("/wins pause until 20 March", "/wins resume", "/wins preview"):
        await team.says(ana, line)


async def _channels_come_and_go(team: Team) -> None:
    """Of all that may happen to a channel, everything happens to some."""
    slack = team.slack
    for name in ("launch", "secret"):
        place = slack.add_channel(name, private=name == "secret", members=[team.ana, team.ben], creator=team.ana)
        await slack.remove_bot(place)
        await slack.invite_bot(place, by=team.ana)
        offer = await team.sees("every", channel=place, person=team.ana)
        await slack.press(team.ana, offer, "accept_offer")
        await slack.archive(place)
        await slack.unarchive(place)
        if name == "launch":
            await slack.join(place, team.chloe, by=team.ana)
            await slack.change_channel_id(place)
        await slack.delete_channel(place)


def _seen(view: Any) -> Any:
    assert view is not None, "a Home is shown"
    return view


def _everything_that_is_offered(team: Team, sent: list[Kinded]) -> Iterator[Kinded]:
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


def _others(team: Team, sent: list[Kinded]) -> list[Kinded]:
    """Kinds that Slack knows and the bot does not listen to."""
    press = next(payload for kind, payload in sent if kind == "interactive")
    who = {"team": press["team"], "user": press["user"], "trigger_id": "1.2.3", "api_app_id": "A1", "enterprise": None}
    view = {"id": "V1", "type": "modal", "callback_id": "log", "state": {"values": {}}, "private_metadata": ""}
    made: list[Kinded] = [
        ("interactive", who | {"type": kind, "callback_id": "log", "view": view, "response_urls": []})
        for kind in ("view_submission", "view_closed", "shortcut", "message_action", "interactive_message")
    ]
    made.append(("interactive", who | {"type": "block_suggestion", "action_id": "x", "block_id": "y", "value": "z"}))
    made.append(("interactive", press | {"actions": [press["actions"][0] | {"action_id": "from_an_older_version"}]}))
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
    made.extend(("events_api", event | {"event": one, "event_id": "Ev9"}) for one in events)
    command = next(payload for kind, payload in sent if kind == "slash_commands")
    made.append(("slash_commands", command | {"command": "/winsome"}))
    return made


def called(one: Kinded) -> str:
    """Of which kind a payload is: presses on messages, in modals and on Home are three."""
    kind, payload = one
    about = payload["event"] if kind == "events_api" else payload
    return f"{kind} {about.get('type')} {about.get('view', {}).get('type')}"


class Mutator:
    """Changes payloads at random, always the same way for the same seed."""

    def __init__(self, seed: int, corpus: list[Kinded]) -> None:
        self.random = random.Random(seed)
        self._corpus = corpus
        self._alike: dict[str, list[Kinded]] = {}
        for one in corpus:
            self._alike.setdefault(called(one), []).append(one)

    def next(self) -> Kinded:
        """A payload of any kind, each as often, with up to four things wrong in it."""
        kind, payload = self.random.choice(self._alike[self.random.choice(list(self._alike))])
        payload = copy.deepcopy(payload)
        for _ in range(self.random.choice([1, 1, 1, 2, 2, 3, 4])):
            payload = self._changed(payload)
        return kind, payload

    def junk(self) -> Any:
        """A value that nobody expects."""
        one = self.random
        makers: list[Callable[[], Any]] = [
            lambda: None,
            lambda: one.choice([True, False]),
            lambda: one.choice([0, -1, 2**63, 10**40, 1.5, 1e308, 1900000000.000001]),
            lambda: one.choice(STRINGS),
            lambda: one.choice(STRINGS),
            lambda: one.choice(STRINGS) + one.choice(STRINGS),
            lambda: "".join(chr(one.choice([one.randrange(128), one.randrange(0x10FFFF)])) for _ in range(20)),
            lambda: one.choice(STRINGS) * one.randrange(1, 60) if one.random() < 0.2 else "x",
            lambda: "x" * 50_000 if one.random() < 0.05 else "y" * 600,
            lambda: one.choice([[], {}, [[]], [None], [{}], {"": ""}, {"id": None}, {"id": []}, {"type": {}}, ["x"]]),
            lambda: json.loads("[" * 60 + "]" * 60),
            lambda: one.choice(TYPES),
            lambda: copy.deepcopy(one.choice(self._corpus)[1]),
        ]
        return one.choice(makers)()

    def _changed(self, payload: Any) -> Any:
        one = self.random
        # What a view or a message shows comes back in full, and is never read.
        places = list(places_of(payload, but=() if one.random() < 0.1 else ("blocks",)))
        if not places or one.random() < 0.01:
            return self.junk()
        holder, key = one.choice(places)
        match one.choice(
            ["drop", "retype", "retype", "retype", "wrap", "deepen", "add", "add", "retag", "twice", "borrow"]
        ):
            case "drop":
                del holder[key]
            case "retype":
                holder[key] = self.junk()
            case "wrap":
                holder[key] = one.choice([[holder[key]], {"id": holder[key]}, {"type": holder[key]}, str(holder[key])])
            case "deepen":
                for _ in range(40):
                    holder[key] = [holder[key]] if one.random() < 0.5 else {one.choice(KEYS): holder[key]}
            case "add" if isinstance(payload, dict):
                at = one.choice([payload, *(value for value in payload.values() if isinstance(value, dict))])
                at[one.choice(KEYS)] = self.junk()
            case "retag" if isinstance(payload, dict):
                payload["type"] = one.choice(TYPES)
            case "twice" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case "borrow":
                other, name = one.choice(list(places_of(one.choice(self._corpus)[1])))
                holder[key] = copy.deepcopy(other[name])
        return payload

    def request(self, kind: str, payload: Any) -> tuple[bytes, str]:
        """A body with its content type; sometimes not the right one, sometimes with bytes that have changed."""
        one = self.random
        form = one.random() < 0.95 and kind != "events_api"
        if form and kind == "slash_commands" and isinstance(payload, dict):
            body = urlencode({str(key): _flat(payload[key]) for key in payload}, errors="surrogatepass").encode()
        elif form:
            body = urlencode({"payload": json.dumps(payload)}).encode()
        else:
            body = json.dumps(payload).encode()
        if one.random() < 0.25:
            body = self.bytes(body)
        if one.random() < 0.1:
            return body, one.choice([FORM, JSON, "text/plain", "application/json; charset=utf-16", "x", "a/b;c", ""])
        return body, FORM if form else JSON

    def bytes(self, body: bytes) -> bytes:
        """The same with a few bytes changed, cut out or put in."""
        one, changed = self.random, bytearray(body)
        for _ in range(one.randrange(1, 6)):
            at = one.randrange(len(changed) + 1)
            match one.randrange(5):
                case 0 if changed:
                    changed[at % len(changed)] = one.randrange(256)
                case 1:
                    del changed[at : at + one.randrange(1, 20)]
                case 2:
                    changed[at:at] = one.randbytes(one.randrange(1, 9))
                case 3:
                    changed[at:at] = one.choice(
                        [b"&payload=", b"&command=/win", b"%00", b"%", b"%ff", b'"', b"}", b"\\u0000", b"&"]
                    )
                case 4:
                    del changed[at:]
        return bytes(changed)

    def headers(self) -> dict[str, str]:
        """Headers that nobody asked for."""
        one = self.random
        if one.random() < 0.8:
            return {}
        names = [
            "X-Slack-Retry-Num",
            "X-Slack-Retry-Reason",
            "X-Slack-Bolt-Lazy-Only",
            "X-Slack-Bolt-Lazy-Function-Name",
        ]
        names += ["Cookie", "Accept", "Content-Language", "Authorization", "X-Forwarded-For", "Content-Encoding"]
        return {one.choice(names): one.choice(["1", "win", "x" * 500, "é", "😀", "gzip"])}


def places_of(value: Any, but: Collection[str] = ()) -> list[tuple[Any, Any]]:
    """Every (holder, key) in a payload, `but` what is at these keys."""
    here: list[tuple[Any, Any]]
    if isinstance(value, dict):
        here = [(value, key) for key in value if key not in but]
    elif isinstance(value, list):
        here = [(value, key) for key in range(len(value))]
    else:
        return []
    return here + [place for holder, key in here for place in places_of(holder[key], but)]


def _flat(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
