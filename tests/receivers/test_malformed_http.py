"""What is too large, hardly HTTP, or of a kind that no listener takes: a 4xx or an ack, and no error."""

import io
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.receivers import http
from tests.db_dump import dump
from tests.signed_client import (
    FORM,
    JSON,
    SignedClient,
    command_payload,
    form,
    raw_exchange,
)
from tests.team import Team


async def test_more_than_a_megabyte_is_a_413_signed_or_not(http_team: Team, signed_client: SignedClient) -> None:
    before = dump(http_team.database_url)
    huge = form(command_payload(http_team, "x" * http.MAX_BYTES))
    assert (await signed_client.send(io.BytesIO(huge), {"Content-Type": FORM})).status == 413
    assert (await signed_client.send(io.BytesIO(huge), signed_client.signed_headers(huge))).status == 413

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(huge), 100_000):
            yield huge[start : start + 100_000]

    assert (await signed_client.send(in_pieces(), signed_client.signed_headers(huge))).status == 413
    assert dump(http_team.database_url) == before


async def test_many_fields_and_deep_json_are_a_400(http_team: Team, signed_client: SignedClient) -> None:
    before = dump(http_team.database_url)
    many = b"&".join(b"f%d=1" % number for number in range(101)) + b"&" + form(command_payload(http_team))
    assert (await signed_client.send(many, signed_client.signed_headers(many))).status == 400
    for deep in (b"[" * 200_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"1" * 10_000):
        assert (await signed_client.send(deep, signed_client.signed_headers(deep, content_type=JSON))).status == 400
        hidden = b"payload=" + deep
        assert (await signed_client.send(hidden, signed_client.signed_headers(hidden))).status == 400
    assert dump(http_team.database_url) == before


HARDLY_HTTP = [
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Encoding: deflate\r\nContent-Length: 7\r\n\r\nno gzip",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nno chunk\r\n0\r\n\r\n",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\nx",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\nx",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\nContent-Length: 1\r\n\r\nx",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Type: \xff\xfe\r\nContent-Length: 1\r\n\r\nx",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX-Slack-Signature: \xff\xfe\r\nContent-Length: 1\r\n\r\nx",
    b"POST /slack/events HTTP/1.1\r\nX-Long: " + b"x" * 20_000 + b"\r\nContent-Length: 1\r\n\r\nx",
    b"POST /slack/events HTTP/9.9\r\n\r\n",
    b"POST /slack/events\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\r\n\r\n\r\n\x00\x00\x00\r\n\r\n",
]


async def test_what_is_hardly_http_is_a_4xx_and_no_accident(
    http_team: Team, signed_client: SignedClient, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = {}
    for sent in HARDLY_HTTP:
        answer = await raw_exchange(signed_client.url, sent.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        if (answer and answer[9:10] != b"4") or b"Traceback" in answer:
            wrong[sent[:120]] = answer[:40]
    assert wrong == {}
    # aiohttp itself logs what is no HTTP at ERROR; an accident of ours, or in reading a body, is another matter.
    ours = [record for record in caplog.records if record.name.startswith("bot") or "Unhandled" in record.getMessage()]
    assert [record.getMessage() for record in ours if record.levelname == "ERROR"] == []
    assert "Win saved" in await http_team.says(http_team.ana, "/win still here")


async def test_a_compressed_bomb_is_not_swallowed(http_team: Team, signed_client: SignedClient) -> None:
    import gzip

    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < 60_000
    answer = await signed_client.send(bomb, {"Content-Type": FORM, "Content-Encoding": "gzip"})
    assert answer.status in (400, 401, 413)


@pytest.mark.parametrize(
    "payload",
    [
        {
            "type": "view_submission",
            "view": {"id": "V1", "type": "modal", "callback_id": "old", "state": {"values": {}}},
        },
        {"type": "view_closed", "view": {"id": "V1", "type": "modal", "callback_id": "old"}},
        {"type": "shortcut", "callback_id": "old", "trigger_id": "1"},
        {"type": "message_action", "callback_id": "old", "trigger_id": "1"},
        {"type": "block_suggestion", "action_id": "old", "block_id": "b", "value": ""},
        {"type": "block_actions", "actions": [{"action_id": "old", "block_id": "b", "type": "button"}]},
    ],
    ids=lambda payload: payload["type"],
)
async def test_what_nobody_listens_to_is_answered_too(
    http_team: Team, signed_client: SignedClient, payload: dict[str, Any]
) -> None:
    known = {"team": {"id": http_team.slack.team_id}, "user": {"id": http_team.ana.id, "name": "ana"}}
    assert (await signed_client.button(known | payload)).status == 200


@pytest.mark.parametrize("event", ["no object", {"type": "app_home_opened"}])
async def test_a_command_that_is_an_event_too_is_malformed(
    http_team: Team, signed_client: SignedClient, event: Any, caplog: pytest.LogCaptureFixture
) -> None:
    mixed = {"type": "event_callback", "team_id": http_team.slack.team_id, "command": "/win", "event": event}
    body = json.dumps(mixed).encode()
    assert (await signed_client.send(body, signed_client.signed_headers(body, content_type=JSON))).status == 400
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_an_event_that_nobody_listens_to_is_taken_so_that_slack_does_not_send_it_again(
    http_team: Team, signed_client: SignedClient
) -> None:
    outer = {"type": "event_callback", "team_id": http_team.slack.team_id, "event_id": "Ev1"}
    for event in ({"type": "app_home_opened", "user": "U1", "tab": "messages"}, {"type": "something_new"}):
        assert (await signed_client.event(outer | {"event": event})).status == 200
    limited = {"type": "app_rate_limited", "team_id": http_team.slack.team_id, "minute_rate_limited": 1518467820}
    assert (await signed_client.event(limited)).status == 200


async def test_a_home_that_slack_will_never_show_is_not_asked_for_again(
    http_team: Team, signed_client: SignedClient
) -> None:
    event = {"type": "app_home_opened", "user": "U1", "tab": "home"}
    outer = {"type": "event_callback", "team_id": http_team.slack.team_id, "event_id": "Ev1"}
    assert (await signed_client.event(outer | {"event": event})).status == 200
    assert len(http_team.slack.ledger.calls("views.publish")) == 1
