"""No refusal of an update or a deletion counts as success: every error of Slack, and what becomes of it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.wins import Mention, parse_win
from bot.domain.workspaces import Workspace
from bot.outbox.sender import Sender
from bot.services import wins
from bot.services.cheers import CheerResult, record_by_button
from bot.services.user_directory import Waited
from bot.services.wins import SaveWin, save_all
from bot.slack import errors
from bot.slack.clients import SlackClients
from bot.slack.outcomes import Rejected
from bot.storage import channels, deliveries, owner_alerts, roundup_items, roundups, workspaces
from bot.storage import wins as win_queries
from bot.storage.database import Database
from bot.storage.deliveries import Delivery
from bot.storage.wins import NewWin
from tests.single import create_roundup, mark_sending, save_post
from tests.team import MONDAY

UPDATE, DELETE = "chat.update", "chat.delete"
NOT_REMOVED = DeliveryKind.NOT_REMOVED
# docs.slack.dev/reference/methods/chat.update and chat.delete
DOCUMENTED = {
    "access_denied",
    "accesslimited",
    "account_inactive",
    "as_user_not_supported",
    "block_mismatch",
    "cant_broadcast_message",
    "cant_delete_message",
    "cant_update_message",
    "channel_not_found",
    "compliance_exports_prevent_deletion",
    "deprecated_endpoint",
    "edit_window_closed",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "external_channel_migrating",
    "fatal_error",
    "internal_error",
    "invalid_arg_name",
    "invalid_arguments",
    "invalid_array_arg",
    "invalid_attachments",
    "invalid_auth",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_charset",
    "invalid_form_data",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "invalid_post_type",
    "is_inactive",
    "markdown_text_conflict",
    "message_not_found",
    "metadata_must_be_sent_from_app",
    "metadata_too_large",
    "method_deprecated",
    "missing_post_type",
    "missing_scope",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_dual_broadcast_content_update",
    "no_permission",
    "no_text",
    "not_allowed_token_type",
    "not_authed",
    "not_in_channel",
    "org_login_required",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "slack_connect_file_link_sharing_blocked",
    "streaming_state_conflict",
    "team_access_not_granted",
    "team_added_to_org",
    "team_not_found",
    "token_expired",
    "token_revoked",
    "too_many_attachments",
    "two_factor_setup_required",
    "update_failed",
}
IN_TABLE = {*errors.ANY_METHOD, *errors.BY_METHOD[UPDATE], *errors.BY_METHOD[DELETE]}
EVERY_ERROR = sorted(DOCUMENTED | IN_TABLE | {"an_error_of_tomorrow"})
RETRIED = {
    "account_inactive",
    "ekm_access_denied",
    "external_channel_migrating",
    "fatal_error",
    "internal_error",
    "invalid_auth",
    "not_authed",
    "org_login_required",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "team_access_not_granted",
    "team_added_to_org",
    "token_expired",
    "token_revoked",
    "update_failed",
}


Request = Callable[..., None]
numbers = count(1)


class Api(AsyncWebClient):
    """A Slack that gives one error to each of some methods."""

    def __init__(self, refusals: dict[str, str]) -> None:
        super().__init__(token="xoxb-refused", retry_handlers=[])
        self.refusals = refusals

    async def api_call(self, api_method: str, *, json: Any = None, **_: Any) -> AsyncSlackResponse:
        error = self.refusals.get(api_method)
        body = (
            {"ok": True, "ts": json.get("ts") or f"18{next(numbers):08}.000001"} if error is None else {"error": error}
        )
        response = AsyncSlackResponse(
            client=self, http_verb="POST", api_url=api_method, req_args={}, data=body, headers={}, status_code=200
        )
        if error is not None:
            raise SlackApiError("refused", response)  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
        return response


async def knows_everyone(*_: Any) -> Waited:
    return Waited(is_news=False)


async def nothing(*_: Any, **__: Any) -> Any:
    return {}


async def change(database: Database, refusals: dict[str, dict[str, str]]) -> None:
    """Let a sender do what is to be done in each workspace, whose Slack refuses some methods."""
    clients = SlackClients(lambda _: Api({}), {})
    for team_id, refused in refusals.items():
        clients.add(workspace(team_id), Api(refused))
    sender = Sender(
        database,
        clients,
        wait_for_users=knows_everyone,
        respond=nothing,
        clock=lambda: MONDAY,
        grace=timedelta(hours=24),
        on_call=lambda *_: None,
        refresh_channel=nothing,
        may_be_told=nothing,
        on_availability_change=nothing,
        channel_spacing=0.0,
    )
    await sender.start()
    async with asyncio.timeout(90):
        while sender._lane_tasks:  # noqa: ASYNC110 - what was woken by the start
            await asyncio.sleep(0.01)
    await sender.stop(within=1)


def workspace(team_id: str) -> Workspace:
    return Workspace(team_id, None, team_id, "https://acme.test/", "UBOT")


def announce(connection: Connection, team_id: str, text: str = "regretted") -> Delivery:
    """Log a win in a workspace; returns its announcement, which is posted."""
    workspaces.save(connection, workspace(team_id))
    channels.ensure_exist(connection, {(team_id, "C1")})
    new = NewWin(parse_win(text, []), team_id, "C1", text, Mention("UANA", "ana"), MONDAY)
    (win,) = save_all(connection, [SaveWin(new, None, is_known_author=True)])
    deliveries.mark_posted(connection, announcement(connection, win.id).id, f"19{next(numbers):08}.000001")
    return announcement(connection, win.id)


def announcement(connection: Connection, win_id: int | None) -> Delivery:
    found = None if win_id is None else deliveries.of_win(connection, win_id)
    assert found is not None
    return found


def undo(connection: Connection, announced: Delivery) -> None:
    assert announced.win_id is not None
    wins.undo(
        connection,
        team_id=announced.team_id,
        win_id=announced.win_id,
        user_id="UANA",
        is_outsider=False,
        now=MONDAY,
    )


def cheer(connection: Connection, announced: Delivery) -> None:
    deliveries.request_update(connection, announced.id)


def outcome(connection: Connection, announced: Delivery) -> str:
    """What became of an announcement."""
    now = announcement(connection, announced.win_id)
    assert now.win_id is not None
    if now.state is DeliveryState.DELETED:
        return "gone"
    if now.pending_op is not None:
        return "retried"
    if [now.key] == [each.key for each in owner_alerts.refused_changes(connection, now.team_id, ["C1"])]:
        return "told" if deliveries.note_about(connection, now.win_id, NOT_REMOVED) else "visible"
    return "withdrawn" if win_queries.is_hidden_win(connection, now.win_id) else "changed"


CASES: dict[str, tuple[Request, list[str], str]] = {
    "an undone win that can't be deleted": (undo, [DELETE], "withdrawn"),
    "an undone win that can neither be deleted nor changed": (undo, [DELETE, UPDATE], "told"),
    "a cheered win that can't be changed": (cheer, [UPDATE], "visible"),
}
"""What is asked for, the methods that Slack refuses, and the end unless it is retried or the message is gone."""


@pytest.mark.parametrize("case", CASES)
async def test_every_refusal_is_retried_worked_around_or_visible(sqlite_url: str, case: str) -> None:
    request, methods, usual = CASES[case]
    database = Database(sqlite_url)

    def prepare(connection: Connection) -> dict[str, Delivery]:
        announced = {error: announce(connection, f"T{error}"[:32]) for error in EVERY_ERROR}
        for delivery in announced.values():
            request(connection, delivery)
        return announced

    announced = await database.write(prepare)
    await change(database, {announced[error].team_id: dict.fromkeys(methods, error) for error in EVERY_ERROR})
    found = {error: await database.read(partial(outcome, announced=delivery)) for error, delivery in announced.items()}
    await database.close()
    ends = {"message_not_found": "gone"} | dict.fromkeys(RETRIED, "retried")
    assert found == {error: ends.get(error, usual) for error in EVERY_ERROR}


async def test_a_refused_update_is_told_to_those_whose_wins_the_message_still_shows(sqlite_url: str) -> None:
    database = Database(sqlite_url)

    def post_roundup(connection: Connection) -> list[Delivery]:
        """A roundup of four wins: the first is undone before it's posted."""
        shown = [announce(connection, "T1", f"win {number}") for number in range(4)]
        channel = channels.by_id(connection, "T1", "C1")
        assert channel is not None
        win_ids = [each.win_id for each in shown if each.win_id is not None]
        create_roundup(connection, channel, [win_ids], target_channel_id="C1", due_at=MONDAY, now=MONDAY)
        undo(connection, shown[0])
        return shown

    def notes(connection: Connection) -> list[bool]:
        found = [each.win_id and deliveries.note_about(connection, each.win_id, NOT_REMOVED) for each in shown]
        return [note is not None for note in found]

    def cheer_roundup(connection: Connection) -> None:
        (roundup_id,) = {position[0] for position in positions(connection)}
        roundups.request_part_update(connection, roundup_id, 0)

    def positions(connection: Connection) -> list[tuple[int, int]]:
        found = [roundup_items.find_shown_place(connection, each.win_id or 0) for each in shown]
        return [position for position in found if position is not None]

    shown = await database.write(post_roundup)
    await change(database, {"T1": {}})
    await database.write(lambda connection: undo(connection, shown[1]))
    await change(database, {"T1": {}})
    await database.write(cheer_roundup)
    await change(database, {"T1": {UPDATE: "edit_window_closed"}})
    assert await database.read(notes) == [False, False, False, False], "what was undone is not shown"
    await database.write(lambda connection: undo(connection, shown[2]))
    for _ in range(2):  # the deletion in one lane asks for an update in another
        await change(database, {"T1": {UPDATE: "edit_window_closed"}})
    assert await database.read(notes) == [False, False, True, False]
    await database.close()


async def test_whoever_cheers_a_message_that_cannot_be_updated_is_told_that_it_counts(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    announced = await database.write(partial(announce, team_id="T1"))

    async def press(user_id: str) -> CheerResult:
        work = partial(
            record_by_button,
            team_id="T1",
            channel_id="C1",
            message_ts=announced.ts or "",
            key=announced.key,
            user_id=user_id,
            is_outsider=False,
            is_active=True,
            action_ts="1900000000.000001",
        )
        return await database.write(work)

    assert await press("UBEN") is CheerResult.SHOWN
    await change(database, {"T1": {UPDATE: "edit_window_closed"}})
    assert await press("UCHLOE") is CheerResult.COUNTED
    assert await press("UDMITRI") is CheerResult.COUNTED, "another update is on its way"
    await change(database, {"T1": {}})
    assert await press("UERIN") is CheerResult.SHOWN
    await database.close()


async def test_a_note_that_a_win_is_saved_goes_when_the_win_is_undone(sqlite_url: str) -> None:
    database = Database(sqlite_url)

    def refuse(connection: Connection) -> tuple[Delivery, int]:
        workspaces.save(connection, workspace("T1"))
        channels.ensure_exist(connection, {("T1", "C1")})
        new = NewWin(parse_win("kept", []), "T1", "C1", "first", Mention("UANA", "ana"), MONDAY)
        (win,) = save_all(connection, [SaveWin(new, None, is_known_author=True)])
        refused = announcement(connection, win.id)
        assert mark_sending(connection, refused, now=MONDAY)
        save_post(connection, refused, Rejected("restricted_action"), now=MONDAY)
        note = deliveries.note_about(connection, win.id, DeliveryKind.NOT_SHARED)
        assert note is not None
        deliveries.mark_posted(connection, note.id, "1900000000.000001", channel_id="DANA")
        return refused, win.id

    refused, win_id = await database.write(refuse)
    await database.write(partial(undo, announced=refused))
    await change(database, {"T1": {}})
    note = await database.read(partial(deliveries.note_about, win_id=win_id, kind=DeliveryKind.NOT_SHARED))
    assert note is not None
    assert note.state is DeliveryState.DELETED
    await database.close()
