"""A call of the Web API is read as Slack reads it: token, type and charset of the body."""

import aiohttp
import pytest

from slack_standin import Channel, StandIn

from .conftest import client_of, error_of, standing


async def test_tokens_are_asked_for_and_checked(slack: StandIn, general: Channel) -> None:
    assert await error_of(client_of(slack, "xoxb-wrong"), "auth.test") == "invalid_auth"
    assert await error_of(client_of(slack, slack.app_token), "auth.test") == "not_allowed_token_type"
    assert await error_of(client_of(slack), "apps.connections.open") == "not_allowed_token_type"
    async with aiohttp.ClientSession() as session:
        answer = await session.post(f"{slack.api_url}auth.test")
        assert (await answer.json())["error"] == "not_authed"
        answer = await session.post(f"{slack.api_url}auth.test", data={"token": slack.bot_token})
        assert (await answer.json())["ok"] is True
        answer = await session.post(f"{slack.api_url}auth.test", json={"token": slack.bot_token})
        assert (await answer.json())["error"] == "not_authed"


@pytest.mark.parametrize(
    ("content_type", "body", "error"),
    [
        ("application/json", b"{", "invalid_json"),
        ("application/json", b"[]", "json_not_object"),
        ("application/xml", b"<x/>", "invalid_post_type"),
        ("text/plain", b"channel=C1", "invalid_arguments"),
        ("application/json; charset=utf-16", b"{}", "invalid_charset"),
        ("application/x-www-form-urlencoded; charset=koi8-r", b"x=1", "invalid_charset"),
        ("application/json; charset=utf-8", b"\xff", "invalid_json"),
        ("multipart/form-data", b"\xff", "invalid_form_data"),
        ("application/x-www-form-urlencoded", b"blocks=%5B", "invalid_arguments"),
    ],
)
async def test_unreadable_bodies_are_told_apart(slack: StandIn, content_type: str, body: bytes, error: str) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": content_type}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{slack.api_url}chat.postMessage", data=body) as answer,
    ):
        assert (answer.status, (await answer.json())["error"]) == (200, error)


@pytest.mark.parametrize(
    ("content_type", "warning"),
    [
        ("application/json", "missing_charset"),
        ("application/json; charset=utf-8", None),
        ("application/json; charset=iso-8859-1", None),
        ("text/plain", "missing_charset"),
        ("text/plain; charset=utf-8", None),
        ("application/x-www-form-urlencoded", None),
        ("application/x-www-form-urlencoded; charset=utf-8", "superfluous_charset"),
    ],
)
@pytest.mark.parametrize("method", ["auth.test", "users.info"])
async def test_a_charset_is_missed_outside_forms_and_is_too_much_in_them(
    slack: StandIn, method: str, content_type: str, warning: str | None
) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": content_type}
    body = b"{}" if "json" in content_type else b"x=1"
    slack.world.strict_arguments = False
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{slack.api_url}{method}", data=body) as answer,
    ):
        said = await answer.json()
    assert said["ok"] is (method == "auth.test")
    assert said.get("warning") == warning
    assert said.get("response_metadata", {}).get("warnings") == ([warning] if warning else None)


async def test_a_body_without_a_type_is_refused(slack: StandIn) -> None:
    async with (
        aiohttp.ClientSession(skip_auto_headers=["Content-Type"]) as session,
        session.post(f"{slack.api_url}auth.test", data=b"x=1") as answer,
    ):
        assert (await answer.json())["error"] == "missing_post_type"


async def test_a_ledger_keeps_its_last_lines_and_says_which_are_new() -> None:
    async with standing(ledger_lines=3) as slack:
        ana, client = slack.add_person("ana"), client_of(slack)
        general = slack.add_channel("general", members=[ana])
        for number in range(5):
            await client.auth_test()
            if number == 3:
                await slack.slash(ana, general, "/say nobody is there to hear it")
        assert [call.number for call in slack.ledger.calls()] == [3, 4, 6]
        assert [sent.number for sent in slack.ledger.deliveries()] == [5]
        assert [one.number for one in slack.ledger.lines()] == [3, 4, 5, 6]
        assert [one.number for one in slack.ledger.lines(after=4)] == [5, 6]
