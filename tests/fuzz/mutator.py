"""Changes recorded payloads at random: what an attacker, or a broken proxy, might send."""

import copy
import json
import random
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlencode

from tests.fuzz.recording import KindedPayload, payload_kind
from tests.signed_client import FORM, JSON

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


class Mutator:
    """Changes payloads at random; the same seed gives the same changes."""

    def __init__(self, seed: int, corpus: list[KindedPayload]) -> None:
        self.random = random.Random(seed)
        self._corpus = corpus
        self._by_kind: dict[str, list[KindedPayload]] = {}
        for one in corpus:
            self._by_kind.setdefault(payload_kind(one), []).append(one)

    def next(self) -> KindedPayload:
        """Return a payload of a random kind, each kind equally likely, with up to four things wrong in it."""
        kind, payload = self.random.choice(self._by_kind[self.random.choice(list(self._by_kind))])
        payload = copy.deepcopy(payload)
        for _ in range(self.random.choice([1, 1, 1, 2, 2, 3, 4])):
            payload = self._mutate(payload)
        return kind, payload

    def random_value(self) -> Any:
        """Return a value that no field of Slack's holds."""
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
        # A view's or a message's blocks come back in full, and the bot never reads them.
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
        """Return a body and its content type: sometimes the wrong type, sometimes with changed bytes."""
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
        """Return the body with a few bytes changed, cut out or put in."""
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
        """Return headers that Slack does not send, mostly none."""
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
    """Return every (holder, key) in a payload, except what is at `excluded_keys`."""
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
