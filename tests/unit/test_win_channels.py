"""Where a win may be shared: what Slack says of the channel and the person, and what it doesn't say."""

from dataclasses import fields
from typing import Any, cast

import pytest

from bot.domain.audit_log import Unavailability
from bot.domain.win_form import FieldError
from bot.domain.wins import MessageSource
from bot.services.win_channels import WinChannels
from bot.storage import tags
from bot.storage.channels import Channel
from tests.team import MONDAY

PUBLIC, SECRET, UNKNOWN, SILENT = "C1", "C2", "C3", "C4"
ARCHIVED, REMOVED = Unavailability.ARCHIVED, Unavailability.REMOVED


class Slack:
    """What Slack says: two channels, and those that the person is in."""

    def __init__(self, reason: Unavailability | None, memberships: tuple[str, ...] | None) -> None:
        self._reason = reason
        self._memberships = memberships

    async def channel(self, team_id: str, channel_id: str) -> Channel | None:
        """Return a channel."""
        if channel_id == UNKNOWN:
            return None
        is_private = {PUBLIC: False, SECRET: True}.get(channel_id)
        no_settings: Any = {name.name: None for name in fields(Channel)}
        about = {"team_id": team_id, "channel_id": channel_id, "is_private": is_private, "synced_at": MONDAY}
        return Channel(**no_settings | about | {"unavailable_reason": self._reason})

    async def read(self, query: Any) -> Channel | None:
        """Return what is stored of a channel: the same."""
        return await self.channel(**query.keywords)

    async def memberships(self, _team_id: str, _user_id: str) -> tuple[str, ...] | None:
        """Return the channels that the person is in."""
        return self._memberships


CASES = [
    # why the bot can't post there, the person's channels, where, was it begun there, from a message in, refusal
    (None, (PUBLIC,), PUBLIC, False, None, None),
    (None, (PUBLIC,), PUBLIC, True, None, None),
    (None, (), PUBLIC, False, None, FieldError.NOT_MEMBER),
    (None, (), PUBLIC, True, None, FieldError.NOT_MEMBER),
    (None, None, PUBLIC, False, None, FieldError.UNKNOWN),
    (None, None, PUBLIC, True, None, None),
    (REMOVED, (PUBLIC,), PUBLIC, False, None, REMOVED),
    (REMOVED, (), PUBLIC, False, None, REMOVED),
    (REMOVED, (), PUBLIC, True, None, None),
    (ARCHIVED, (PUBLIC,), PUBLIC, False, None, ARCHIVED),
    (ARCHIVED, (PUBLIC,), PUBLIC, True, None, ARCHIVED),
    (None, (), UNKNOWN, False, None, REMOVED),
    (None, (), UNKNOWN, True, None, None),
    (None, (PUBLIC, SECRET), PUBLIC, False, SECRET, FieldError.PRIVATE_SOURCE),
    (None, (PUBLIC, SECRET), PUBLIC, True, SECRET, FieldError.PRIVATE_SOURCE),
    (None, (PUBLIC, SECRET), SECRET, True, SECRET, None),
    (None, (PUBLIC, SECRET), SECRET, False, PUBLIC, None),
    (None, (PUBLIC,), PUBLIC, False, UNKNOWN, FieldError.PRIVATE_SOURCE),
    (None, (PUBLIC,), PUBLIC, False, SILENT, FieldError.UNKNOWN),
]


@pytest.mark.parametrize(("reason", "memberships", "channel_id", "is_here", "source_id", "refusal"), CASES, ids=str)
async def test_a_win_is_shared_where_the_person_is_and_the_bot_can_post(
    *,
    reason: Unavailability | None,
    memberships: tuple[str, ...] | None,
    channel_id: str,
    is_here: bool,
    source_id: str | None,
    refusal: FieldError | Unavailability | None,
) -> None:
    slack = cast("Any", Slack(reason, memberships))
    channels = WinChannels(slack, slack, slack, lambda: MONDAY)
    source = None if source_id is None else MessageSource(source_id, "1.000001")
    found = await channels.refusal("T1", "U1", channel_id, has_response_url=is_here, source=source)
    assert found == refusal


class Tags(Slack):
    """A channel with as many tags as are ever read."""

    async def read(self, _query: Any) -> Any:
        """Return them."""
        return [f"c{number}" for number in range(tags.MAX_TAGS)]


@pytest.mark.parametrize("typed", ["", "c", "c99"])
async def test_no_more_tags_are_suggested_than_slack_takes_and_what_was_typed_is_among_them(typed: str) -> None:
    slack = cast("Any", Tags(None, (PUBLIC,)))
    found = await WinChannels(slack, slack, slack, lambda: MONDAY).suggest_tags("T1", "U1", PUBLIC, typed)
    assert len(found) <= 100
    assert not typed or typed in found
