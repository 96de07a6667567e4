"""Whatever Slack's API answers, the bot takes from it what can be stored, or nothing, and asks no other host."""

import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.workspaces import Workspace
from bot.outbox.render import EVENT_TYPE
from bot.services.channel_directory import parse_conversation
from bot.services.user_directory import parse_user
from bot.slack import answers, errors, http_session, response_url
from bot.slack.answers import OddAnswer
from bot.slack.clients import SlackClient
from bot.slack.outcomes import Rejected, Retryable, Succeeded, Unknown
from slack_standin.api.request import Reply, odd_answer
from slack_standin.model.faults import Fault
from tests import odd_answers

TS, KEY = "1900000000.000100", "0661651ad287a36c9a06b6007049db0a"
MESSAGE = {"ts": TS, "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": KEY}}}
MORE = {"response_metadata": {"next_cursor": "next"}}
TRUE: dict[str, dict[str, Any]] = {
    "chat.postMessage": {"ts": TS, "channel": "C1"},
    "chat.postEphemeral": {"message_ts": TS},
    "chat.update": {"ts": TS, "channel": "C1"},
    "chat.delete": {"ts": TS, "channel": "C1"},
    "chat.getPermalink": {"permalink": f"https://a.test/archives/C1/p1900000000000200?thread_ts={TS}&cid=C1"},
    "conversations.info": {"channel": {"id": "C1", "creator": "U1", "is_private": False, "is_member": True}},
    "conversations.history": {"messages": [MESSAGE], **MORE},
    "conversations.replies": {"messages": [MESSAGE], **MORE},
    "users.conversations": {"channels": [{"id": "C1", "name": "general"}], **MORE},
    "users.info": {
        "user": {
            "id": "U1",
            "team_id": "T1",
            "tz": "Europe/Berlin",
            "is_admin": True,
            "enterprise_user": {"enterprise_id": "E1"},
            "profile": {"display_name": "ana", "real_name": "Ana", "image_48": "https://a.test/ana.png"},
        }
    },
    **{f"views.{verb}": {"view": {"id": "V1"}} for verb in ("open", "push", "update", "publish")},
}
assert TRUE.keys() == odd_answers.READ_FIELDS.keys()


def _messages(answer: Any) -> Any:
    page = answers.messages(answer)
    return [(answers.metadata_key(each, EVENT_TYPE) == KEY, answers.message_ts(each)) for each in page.entries]


READ: dict[str, Callable[[Any], Any]] = {
    "chat.getPermalink": answers.thread_ts,
    "conversations.info": lambda answer: parse_conversation(dict(answers.conversation(answer))),
    "conversations.history": _messages,
    "conversations.replies": _messages,
    "users.conversations": lambda answer: [each["id"] for each in answers.conversations(answer).entries],
    "users.info": lambda answer: parse_user("T1", "U1", answers.user(answer)),
}


@dataclass
class Served:
    """A Slack that gives its true answers, or one odd one; `elsewhere` is another host, and what it was asked."""

    client: SlackClient
    elsewhere: str
    strayed: list[str]
    fault: Fault | None = None

    async def ask(self, method: str) -> Any:
        """Ask as the bot does, and return what it takes."""
        if method.startswith("views."):
            try:
                return answers.view_id(await self.client.show(method, {}))
            except (SlackApiError, aiohttp.ClientError, TimeoutError, OddAnswer) as error:
                return Unknown(errors.error_code(error))
        if method in READ:
            return await self.client.get(method, {}, READ[method])
        return await self.client.call(method, {"ts": TS} if method in ("chat.update", "chat.delete") else {})


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async def takes(request: web.Request) -> web.Response:
        made.strayed.append(request.path)
        return web.json_response({"ok": True, "ts": TS})

    async def answers_oddly(request: web.Request) -> web.Response:
        reply = Reply({"ok": True, **TRUE[request.match_info["method"]]})
        return (reply if made.fault is None else odd_answer(made.fault, reply)).to_response()

    other, slack = web.Application(), web.Application()
    other.router.add_route("*", "/{tail:.*}", takes)
    slack.router.add_route("*", "/api/{method}", answers_oddly)
    async with listening(other) as elsewhere, listening(slack) as origin, http_session.create_session(60) as session:
        api = AsyncWebClient("xoxb-1", base_url=f"{origin}/api/", session=session, retry_handlers=[])
        workspace = Workspace("T1", None, "Acme", "https://a.test/", "UBOT")
        made = Served(SlackClient(workspace, api, {}), f"{elsewhere}/api/", [])
        yield made


def is_storable(value: Any) -> bool:
    """Whether every text in what was taken can be stored."""
    if is_dataclass(value):
        return all(is_storable(getattr(value, each.name)) for each in fields(value))
    if isinstance(value, list | tuple):
        return all(map(is_storable, value))
    return not isinstance(value, str) or (len(value) <= 200 and not re.search("[\0-\x1f\ud800-\udfff]", value))


@pytest.mark.parametrize("method", TRUE)
async def test_an_odd_answer_is_none(served: Served, method: str) -> None:
    true = await served.ask(method)
    assert not isinstance(true, Retryable | Rejected | Unknown)
    for name, options in odd_answers.of(method, served.elsewhere):
        served.fault = Fault(method, "odd_answer", **options)
        began = time.monotonic()
        taken = await served.ask(method)
        assert time.monotonic() - began < 20, f"{name} made it wait"
        assert is_storable(taken), (name, taken)
        if isinstance(taken, Succeeded):
            assert re.fullmatch(r"[0-9]{1,12}\.[0-9]{6}", taken.ts), name
            assert re.fullmatch(r"[A-Z0-9]+", taken.channel_id or "C1"), name
        if name.startswith(("body", "ok", "error", "large", "a bomb", "no gzip", "redirect", "status", "Retry")):
            assert isinstance(taken, Retryable | Rejected | Unknown), (name, taken)
        if name.startswith(("ts: ", "view.id: ")) and method not in ("chat.update", "chat.delete"):
            assert isinstance(taken, Unknown) or (method, name) == ("chat.postMessage", "channel"), (name, taken)
        if name.startswith(("messages.metadata", "channel.is_")) and not name.endswith((": missing", ": true")):
            assert isinstance(taken, Unknown), (name, taken)
        served.fault = None
        assert await served.ask(method) == true, f"after {name}"
    assert served.strayed == []


@pytest.mark.parametrize("method", ["chat.postMessage", "users.info"])
async def test_a_redirect_leaves_open_what_became_of_the_request(served: Served, method: str) -> None:
    for status in odd_answers.STATUSES:
        served.fault = Fault(method, "odd_answer", status=status, body="", headers={"Location": served.elsewhere})
        assert await served.ask(method) == Unknown("Redirected")
    assert served.strayed == []


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ("is_archived", "is_archived"),
        ("a_new_reason", "a_new_reason"),
        ("x" * 65, answers.ODD_ERROR),
        ("is_archived\0", answers.ODD_ERROR),
        ("they wrote: fixed it", answers.ODD_ERROR),
        (404, answers.ODD_ERROR),
        (["is_archived"], answers.ODD_ERROR),
    ],
)
async def test_a_refusal_is_one_whatever_its_reason_looks_like(served: Served, error: object, outcome: str) -> None:
    served.fault = Fault("chat.postMessage", "odd_answer", fields={"ok": False, "error": error})
    taken = await served.ask("chat.postMessage")
    assert isinstance(taken, Rejected)
    assert taken.error == outcome


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        ("30", 30.0),
        ("3600", 3600.0),
        ("0", 1.0),
        (odd_answers.YEARS, 3600.0),
        ("9" * 400, 3600.0),
        *((text, 30.0) for text in ("-5", "NaN", "inf", "soon", "1.5", "Fri, 31 Dec 2100 23:59:59 GMT", "٣", "")),
    ],
)
async def test_a_retry_after_is_obeyed_up_to_an_hour(served: Served, wait: str, seconds: float) -> None:
    served.fault = Fault("users.info", "odd_answer", status=429, body="{}", headers={"Retry-After": wait})
    assert await served.ask("users.info") == Retryable("ratelimited", seconds)


@pytest.mark.parametrize("status", odd_answers.STATUSES)
async def test_a_redirect_of_a_response_url_is_not_followed(served: Served, status: int) -> None:
    async def leads_elsewhere(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": served.elsewhere})

    app = web.Application()
    app.router.add_post("/commands/1", leads_elsewhere)
    async with listening(app) as origin, http_session.create_session(5) as session:
        respond = response_url.create_respond(session, f"{origin}/api/")
        assert not await respond(f"{origin}/commands/1", {"text": "hello"})
    assert served.strayed == []


@pytest.mark.parametrize(
    ("url", "is_slacks"),
    [
        ("wss://wss-primary.slack.com/link/?ticket=1", True),
        ("ws://wss-primary.slack.com/link/?ticket=1", False),
        ("wss://evil.test/link/?ticket=1", False),
        ("wss://evilslack.com/link", False),
        ("wss://user@wss-primary.slack.com/link", False),
        ("wss://wss-primary.slack.com@evil.test/link", False),
        ("wss://evil.test\\.slack.com/link", False),
        ("https://wss-primary.slack.com/link", False),
        ("ws://127.0.0.1:4000/link", False),
        ("wss://[::1.slack.com/link", False),
        (None, False),
        (["wss://wss-primary.slack.com"], False),
    ],
)
def test_socket_mode_connects_to_slack_alone(url: object, is_slacks: bool) -> None:
    if is_slacks:
        assert answers.socket_url({"url": url}, "https://slack.com/api/") == url
        return
    with pytest.raises(OddAnswer):
        answers.socket_url({"url": url}, "https://slack.com/api/")


def test_socket_mode_connects_to_the_stand_in_that_gives_the_address() -> None:
    url = "ws://127.0.0.1:4000/link/?ticket=1"
    assert answers.socket_url({"url": url}, "http://127.0.0.1:4000/api/") == url
    with pytest.raises(OddAnswer):
        answers.socket_url({"url": url}, "http://127.0.0.1:4001/api/")
