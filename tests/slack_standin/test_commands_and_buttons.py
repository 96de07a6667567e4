"""Commands and buttons travel as Slack sends them, over both transports, and people see what they would see."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp

from slack_standin import Channel, Person, StandIn

from .conftest import Running, bolt_app, over_socket_mode

CHEER = {"type": "button", "text": {"type": "plain_text", "text": "Cheer"}, "action_id": "cheer", "value": "7"}
BLOCKS: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "a *win*"}},
    {"type": "actions", "elements": [CHEER]},
]


async def post_to(url: str, body: Any) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
        return answer.status, await answer.text()


def parrot(slack: StandIn) -> tuple[AsyncApp, list[dict[str, Any]]]:
    """A bot that answers /say privately, and the payloads it got."""
    app, heard = bolt_app(slack), []

    @app.command("/say")
    async def say(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack(text=body["text"])

    @app.command("/raw")
    async def raw(ack: Any) -> None:
        await ack()

    return app, heard


async def test_a_command_is_acknowledged_in_private(
    running: Running, slack: StandIn, ana: Person, ben: Person, general: Channel
) -> None:
    app, heard = parrot(slack)
    async with running(slack, app):
        answer = await slack.slash(ana, general, "/say hello  ")
    assert (answer.status, answer.error) == (200, None)
    assert answer.payload["text"] == "hello"
    assert [message.plain() for message in slack.seen_by(ana, general)] == ["hello"]
    assert slack.seen_by(ben, general) == []
    [body] = heard
    assert sorted(body) == [
        "api_app_id",
        "channel_id",
        "channel_name",
        "command",
        "is_enterprise_install",
        "response_url",
        "team_domain",
        "team_id",
        "text",
        "token",
        "trigger_id",
        "user_id",
        "user_name",
    ]
    assert (body["user_id"], body["channel_name"], body["text"]) == (ana.id, "general", "hello")


async def test_private_places_hide_their_names(slack: StandIn, ana: Person, secret: Channel) -> None:
    app, heard = parrot(slack)
    async with over_socket_mode(slack, app):
        await slack.slash(ana, secret, "/say a")
        await slack.slash(ana, slack.open_dm(ana), "/say b")
    assert [body["channel_name"] for body in heard] == ["privategroup", "directmessage"]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("thanks @ben.", "thanks <@{ben}|ben>."),
        ("thanks @nobody, ana@example.com", "thanks @nobody, <mailto:ana@example.com|ana@example.com>"),
        ("see #general and #secret and #none", "see <#{general}|general> and <#{secret}|> and #none"),
        ("(https://x.example/?a=1&b=2).", "(<https://x.example/?a=1&amp;b=2>)."),
        ("merci @chloé!", "merci <@{chloe}|chloé>!"),
        ("@here <!channel>", "<!here> &lt;!channel&gt;"),
    ],
)
async def test_typed_text_is_escaped_where_the_manifest_asks_for_it(
    slack: StandIn, ana: Person, *, ben: Person, general: Channel, secret: Channel, typed: str, written: str
) -> None:
    chloe = slack.add_person("chloé")
    app, heard = parrot(slack)
    async with over_socket_mode(slack, app):
        await slack.slash(ana, general, f"/say {typed}")
        raw = await slack.slash(ana, general, f"/raw {typed}")
    assert heard[0]["text"] == written.format(ben=ben.id, chloe=chloe.id, general=general.id, secret=secret.id)
    assert raw.request.payload["text"] == typed


async def test_a_late_acknowledgement_is_an_operation_timeout(
    running: Running, slack: StandIn, ana: Person, general: Channel
) -> None:
    app = bolt_app(slack)
    slack.world.ack_timeout = 0.3

    @app.command("/say")
    async def say(ack: Any) -> None:
        await asyncio.sleep(0.4)
        await ack("too late")

    async with running(slack, app):
        answer = await slack.slash(ana, general, "/say hello")
        assert (answer.status, answer.error) == (None, "operation_timeout")
        await asyncio.sleep(0.2)
    [notice] = slack.seen_by(ana, general)
    assert notice.plain() == '/say failed with the error "operation_timeout"'


async def test_a_bot_that_is_away_or_fails_is_a_dispatch_failure(slack: StandIn, ana: Person, general: Channel) -> None:
    assert (await slack.slash(ana, general, "/say hello")).error == "dispatch_failed"
    slack.request_url = "http://127.0.0.1:9/slack/events"
    assert (await slack.slash(ana, general, "/say hello")).error == "dispatch_failed"
    assert len(slack.seen_by(ana, general)) == 2


@pytest.mark.parametrize("space", [" ", "\n", "\t", "\u00a0", "\u3000", " \u2003"])
async def test_any_white_space_ends_the_name_of_a_command(
    slack: StandIn, ana: Person, general: Channel, space: str
) -> None:
    request = (await slack.slash(ana, general, f"/say{space}two\nlines ")).request
    assert (request.payload["command"], request.payload["text"]) == ("/say", "two\nlines")


async def test_a_command_that_the_manifest_lacks_goes_nowhere(slack: StandIn, ana: Person, general: Channel) -> None:
    answer = await slack.slash(ana, general, "/dance")
    assert answer.error == "invalid_command"
    assert slack.ledger.deliveries() == []
    assert slack.seen_by(ana, general)[0].plain() == "/dance is not a valid command."


async def test_an_answer_that_cannot_be_shown_is_said_to_be_invalid(
    running: Running, slack: StandIn, ana: Person, general: Channel
) -> None:
    app = bolt_app(slack)

    @app.command("/say")
    async def say(ack: Any) -> None:
        await ack(blocks=[{"type": "section"}])

    async with running(slack, app):
        assert (await slack.slash(ana, general, "/say x")).error == "invalid_command_response"


async def test_resending_a_command_repeats_it_to_the_letter(
    running: Running, slack: StandIn, ana: Person, general: Channel
) -> None:
    app, heard = parrot(slack)
    async with running(slack, app):
        answer = await slack.slash(ana, general, "/say hello")
        again = await slack.resend(answer.request)
    assert again.payload["text"] == "hello"
    assert heard[0] == heard[1]


async def test_an_answer_in_the_channel_shows_the_command_and_is_nobodys_post(
    slack: StandIn, ana: Person, ben: Person, secret: Channel
) -> None:
    app = bolt_app(slack)

    @app.command("/say")
    async def say(ack: Any) -> None:
        await ack(text="for all", response_type="in_channel")

    async with over_socket_mode(slack, app):
        await slack.slash(ana, secret, "/say it")
    typed, answered = slack.posts(secret)
    assert (typed.user, typed.plain()) == (ana.id, "/say it")
    assert (answered.user, answered.bot_id is not None, answered.plain()) == (None, True, "for all")
    assert slack.seen_by(ben, secret) == []


async def test_a_response_url_serves_five_times(slack: StandIn, ana: Person, secret: Channel) -> None:
    url = (await slack.slash(ana, secret, "/say x")).request.payload["response_url"]
    assert await post_to(url, {"text": ""}) == (400, "no_text")
    assert await post_to(url, {"text": "x", "blocks": [{"type": "section"}]}) == (400, "invalid_blocks")
    assert await post_to(url, ["x"]) == (400, "invalid_payload")
    for number in range(5):
        assert await post_to(url, {"text": str(number)}) == (200, "ok")
    assert await post_to(url, {"text": "6"}) == (404, "used_url")
    assert await post_to(url + "x", {"text": "?"}) == (404, "no_service")
    assert [message.plain() for message in slack.seen_by(ana, secret)][1:] == list("01234")
    assert len(slack.ledger.calls("response_url")) == 10


async def test_a_response_url_expires(
    slack: StandIn, monkeypatch: pytest.MonkeyPatch, ana: Person, general: Channel
) -> None:
    url = (await slack.slash(ana, general, "/say x")).request.payload["response_url"]
    monkeypatch.setattr("slack_standin.api.response_urls.LIFETIME", 0.0)
    assert await post_to(url, {"text": "too late"}) == (404, "expired_url")


async def test_a_response_url_takes_faults(slack: StandIn, ana: Person, general: Channel) -> None:
    url = (await slack.slash(ana, general, "/say x")).request.payload["response_url"]
    slack.fault("response_url", "http_500_after")
    assert (await post_to(url, {"text": "done", "response_type": "in_channel"}))[0] == 500
    assert slack.posts(general)[-1].plain() == "done"


async def test_a_button_is_pressed_as_slack_presses_it(
    running: Running, slack: StandIn, ana: Person, ben: Person, general: Channel
) -> None:
    app, pressed = bolt_app(slack), []

    @app.action("cheer")
    async def cheer(ack: Any, body: dict[str, Any], respond: Any) -> None:
        pressed.append(body)
        await respond(text="cheered", replace_original=True)
        await ack()

    async with running(slack, app):
        posted = await app.client.chat_postMessage(channel=general.id, text="a win", blocks=BLOCKS)
        [message] = slack.posts(general)
        assert message.plain() == "a *win*\n[Cheer]"
        answer = await slack.press(ben, message, "cheer", value="7")
    assert (answer.status, answer.error) == (200, None)
    [body] = pressed
    assert body["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": general.id,
        "is_ephemeral": False,
    }
    assert body["user"]["id"] == ben.id
    assert body["message"]["blocks"] == posted["message"]["blocks"]
    [action] = body["actions"]
    assert (action["action_id"], action["value"], action["type"]) == ("cheer", "7", "button")
    assert message.plain() == "cheered"


async def test_a_button_of_an_ephemeral_message_carries_no_message(
    slack: StandIn, ana: Person, general: Channel
) -> None:
    app, pressed = bolt_app(slack), []

    @app.command("/say")
    async def say(ack: Any) -> None:
        await ack(blocks=BLOCKS, text="a win")

    @app.action("cheer")
    async def cheer(ack: Any, body: dict[str, Any], respond: Any) -> None:
        pressed.append(body)
        await respond(delete_original=True)
        await ack()

    async with over_socket_mode(slack, app):
        await slack.slash(ana, general, "/say x")
        [message] = slack.seen_by(ana, general)
        await slack.press(ana, message, action_id="cheer")
    assert "message" not in pressed[0]
    assert pressed[0]["container"]["is_ephemeral"] is True
    assert slack.seen_by(ana, general) == []


async def test_a_button_that_is_not_there_cannot_be_pressed(slack: StandIn, ana: Person, general: Channel) -> None:
    said = await slack.say(ana, general, "no buttons")
    with pytest.raises(ValueError, match="no element 'cheer'"):
        await slack.press(ana, said, "cheer")


async def test_a_trigger_is_good_once_and_for_three_seconds(
    slack: StandIn, monkeypatch: pytest.MonkeyPatch, ana: Person, general: Channel
) -> None:
    first = (await slack.slash(ana, general, "/say x")).request.payload["trigger_id"]
    second = (await slack.slash(ana, general, "/say x")).request.payload["trigger_id"]
    assert slack.triggers.exchange(first) is None
    assert slack.triggers.exchange(first) == "exchanged_trigger_id"
    assert slack.triggers.exchange("made-up") == "invalid_trigger_id"
    later = time.monotonic() + 3.1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert slack.triggers.exchange(second) == "expired_trigger_id"
