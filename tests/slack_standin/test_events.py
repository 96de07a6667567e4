"""Events reach the bot when Slack would send them, are retried as Slack retries, and can be sent again."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from slack_standin import Channel, Message, Person, StandIn

from .conftest import LISTENING, Running, bolt_app, client_of, manifest_without, over_socket_mode, standing


@pytest.fixture
async def post(slack: StandIn, general: Channel) -> Message:
    await client_of(slack).chat_postMessage(channel=general.id, text="a win")
    return slack.posts(general)[0]


def listening(slack: StandIn, *kinds: str) -> tuple[AsyncApp, list[dict[str, Any]]]:
    app, heard = bolt_app(slack), []

    async def hear(body: dict[str, Any]) -> None:
        heard.append(body)

    for kind in kinds:
        app.event(kind)(hear)
    return app, heard


async def test_a_reaction_is_told_with_its_skin_tone(
    running: Running, slack: StandIn, ana: Person, general: Channel, post: Message
) -> None:
    app, heard = listening(slack, "reaction_added", "reaction_removed")
    async with running(slack, app):
        added = await slack.react(ana, general, post.ts, "thumbsup::skin-tone-6")
        removed = await slack.unreact(ana, general, post.ts, "thumbsup::skin-tone-6")
    assert (added.status, removed.status) == (200, 200)
    body = heard[0]
    assert (body["type"], body["team_id"], body["api_app_id"]) == ("event_callback", slack.team_id, slack.app_id)
    assert body["authorizations"][0]["user_id"] == slack.bot_user_id
    assert body["event"] == {
        "type": "reaction_added",
        "user": ana.id,
        "reaction": "thumbsup::skin-tone-6",
        "item": {"type": "message", "channel": general.id, "ts": post.ts},
        "item_user": slack.bot_user_id,
        "event_ts": body["event"]["event_ts"],
    }
    assert heard[1]["event"]["type"] == "reaction_removed"
    assert heard[0]["event_id"] != heard[1]["event_id"]


async def test_an_event_sent_again_has_the_same_id(
    running: Running, slack: StandIn, ana: Person, general: Channel, post: Message
) -> None:
    app, heard = listening(slack, "reaction_added")
    async with running(slack, app):
        answer = await slack.react(ana, general, post.ts, "tada")
        await slack.resend(answer.request)
    assert len({body["event_id"] for body in heard}) == 1
    assert len(heard) == 2


async def test_the_bot_hears_only_what_it_may(slack: StandIn, ana: Person, secret: Channel) -> None:
    said = await slack.say(ana, secret, "psst")
    assert (await slack.react(ana, secret, said.ts, "tada")).error == "not_in_channel"
    assert (await slack.archive(secret)).error == "not_subscribed"
    async with standing(manifest_without("reactions:read")) as deaf:
        eve = deaf.add_person("eve")
        general = deaf.add_channel("general", members=[eve])
        said = await deaf.say(eve, general, "hi")
        assert (await deaf.react(eve, general, said.ts, "tada")).error == "missing_scope"


async def test_coming_going_and_renaming_are_told(slack: StandIn, ana: Person) -> None:
    app, heard = listening(slack, "member_joined_channel", "member_left_channel", "channel_rename", "user_change")
    lounge = slack.add_channel("lounge", members=[ana], with_bot=False)
    async with over_socket_mode(slack, app):
        joined = await slack.invite_bot(lounge, by=ana)
        await slack.rename(lounge, "salon")
        await slack.remove_bot(lounge)
        await slack.change_person(ana, tz="America/New_York")
    assert joined.error is None
    assert [body["event"]["type"] for body in heard] == [
        "member_joined_channel",
        "channel_rename",
        "member_left_channel",
        "user_change",
    ]
    assert heard[0]["event"]["inviter"] == ana.id
    assert heard[1]["event"]["channel"]["name"] == "salon"
    assert heard[3]["event"]["user"]["tz"] == "America/New_York"


async def test_uninstalling_kills_the_token_and_is_told(slack: StandIn) -> None:
    app, _ = listening(slack, "app_uninstalled", "tokens_revoked")
    async with over_socket_mode(slack, app):
        await slack.uninstall()
    sent = [each.payload["event"]["type"] for each in slack.ledger.events()]
    assert sent == ["tokens_revoked", "app_uninstalled"]
    with pytest.raises(SlackApiError, match="account_inactive"):
        await client_of(slack).auth_test()


async def test_a_missing_acknowledgement_brings_the_event_again_in_socket_mode(
    slack: StandIn, ana: Person, general: Channel, post: Message
) -> None:
    app, tries = bolt_app(slack), []
    slack.world.ack_timeout = 1.0

    @app.event("reaction_added")
    async def hear(request: Any) -> None:
        tries.append((request.headers.get("x-slack-retry-num"), request.headers.get("x-slack-retry-reason")))
        if len(tries) < 3:
            await asyncio.sleep(1.1)

    async with over_socket_mode(slack, app):
        answer = await slack.react(ana, general, post.ts, "tada")
        assert answer.error == "operation_timeout"
        await slack.wait_for(lambda: len(slack.ledger.events("reaction_added")) == 2)
        slack.world.ack_timeout = 10.0  # the third is acknowledged at once, or when a busy machine gets to it
        await slack.wait_for(lambda: len(slack.ledger.events("reaction_added")) == 3)
    assert tries == [(["0"], [""]), (["1"], ["timeout"]), (["2"], ["timeout"])]
    assert len({sent.id for sent in slack.ledger.events("reaction_added")}) == 1


async def failing_bot(slack: StandIn, answers: list[web.Response]) -> tuple[web.AppRunner, list[dict[str, str]]]:
    """A request URL that gives one answer after another, and the headers it was sent."""
    seen: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        seen.append({name.lower(): value for name, value in request.headers.items()})
        return answers[len(seen) - 1]

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    return runner, seen


async def test_http_events_are_retried_with_their_headers(
    slack: StandIn, ana: Person, general: Channel, post: Message
) -> None:
    runner, seen = await failing_bot(slack, [web.Response(status=500), web.Response(status=302), web.Response()])
    await slack.react(ana, general, post.ts, "tada")
    await slack.wait_for(lambda: len(seen) == 3)
    retries = [(headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason")) for headers in seen]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error")]
    await runner.cleanup()


def redirect(place: str, status: int = 302) -> web.Response:
    return web.Response(status=status, headers={"Location": place})


@pytest.mark.parametrize("status", range(200, 207))
async def test_an_event_is_delivered_with_any_status_of_success(
    slack: StandIn, ana: Person, general: Channel, post: Message, *, status: int
) -> None:
    runner, seen = await failing_bot(slack, [web.Response(status=status) for _ in range(2)])
    answer = await slack.react(ana, general, post.ts, "tada")
    assert (answer.status, answer.error, len(seen)) == (status, None, 1)
    assert (await slack.slash(ana, general, "/say x")).error == (None if status == 200 else "dispatch_failed")
    await runner.cleanup()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_an_event_follows_two_redirects_signed_and_whole(
    slack: StandIn, ana: Person, general: Channel, post: Message, *, status: int
) -> None:
    answers = [redirect("/", status), redirect(f"/?again={status}", status), web.Response(status=204)]
    runner, seen = await failing_bot(slack, answers)
    answer = await slack.react(ana, general, post.ts, "tada")
    assert (answer.status, answer.error, len(seen)) == (204, None, 3)
    assert len({headers["x-slack-signature"] for headers in seen}) == 1
    assert {headers["content-type"] for headers in seen} == {"application/json"}
    await runner.cleanup()


async def test_a_third_redirect_is_one_too_many(slack: StandIn, ana: Person, general: Channel, post: Message) -> None:
    runner, seen = await failing_bot(slack, [redirect("/") for _ in range(3)] + [web.Response()])
    answer = await slack.react(ana, general, post.ts, "tada")
    assert (answer.status, answer.error) == (302, "dispatch_failed")
    await slack.wait_for(lambda: len(seen) == 4)
    assert seen[3]["x-slack-retry-reason"] == "too_many_redirects"
    await runner.cleanup()


async def test_a_command_follows_no_redirect(slack: StandIn, ana: Person, general: Channel) -> None:
    runner, seen = await failing_bot(slack, [redirect("/"), web.Response()])
    answer = await slack.slash(ana, general, "/say x")
    assert (answer.status, answer.error, len(seen)) == (302, "dispatch_failed", 1)
    await runner.cleanup()


@pytest.mark.parametrize(
    ("content_type", "shown"),
    [("application/json", "hi"), ("text/plain", '{"text": "hi"}'), ("text/html", '{"text": "hi"}')],
)
async def test_an_answer_is_json_only_if_it_says_so(
    slack: StandIn, ana: Person, general: Channel, *, content_type: str, shown: str
) -> None:
    runner, _ = await failing_bot(slack, [web.Response(text='{"text": "hi"}', content_type=content_type)])
    assert (await slack.slash(ana, general, "/say x")).error is None
    assert [message.plain() for message in slack.seen_by(ana, general)] == [shown]
    await runner.cleanup()


async def test_x_slack_no_retry_is_honoured(slack: StandIn, ana: Person, general: Channel, post: Message) -> None:
    runner, seen = await failing_bot(slack, [web.Response(status=500, headers={"X-Slack-No-Retry": "1"})])
    await slack.react(ana, general, post.ts, "tada")
    await asyncio.sleep(0.15)
    assert len(seen) == 1
    await runner.cleanup()


async def test_a_message_in_a_channel_is_told_to_who_listens() -> None:
    async with standing(LISTENING) as slack:
        ana = slack.add_person("ana")
        general = slack.add_channel("general", members=[ana])
        app, heard = listening(slack, "message")
        async with over_socket_mode(slack, app):
            await slack.say(ana, general, "hello all")
            await slack.wait_for(lambda: slack.ledger.events("message"))
    assert (heard[0]["event"]["text"], heard[0]["event"]["channel_type"]) == ("hello all", "channel")
