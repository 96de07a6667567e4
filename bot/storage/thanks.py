"""People who may have helped with a win: those whom its author names in wins, and those who name its author."""

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    bindparam,
    func,
    or_,
    select,
    union_all,
)

from bot.domain.consent import Consent, Preference
from bot.domain.wins import Mention, WinRole
from bot.storage.tables import channels, preferences, users, win_people, wins

LATEST = 50
"""How many of someone's latest wins, and of those that name them, are looked at."""

_team: BindParameter[str] = bindparam("team")
_author: BindParameter[str] = bindparam("author")
_names_them = win_people.c.role.in_((WinRole.CREDITED, WinRole.THANKED)) & (
    win_people.c.consent.is_(None) | (win_people.c.consent == Consent.GIVEN)
)
"""If only those who refuse were left out, the author could tell them from those who haven't answered."""


def _is_shown(each: Subquery | Any) -> ColumnElement[bool]:
    """Whether a channel shows a win: the one that is asked about, or one that Slack says is public."""
    is_public = (
        select(channels.c.channel_id)
        .where(
            channels.c.team_id == _team,
            channels.c.channel_id == each.c.channel_id,
            channels.c.is_private.is_(False),
            channels.c.unavailable_reason.is_(None),  # the bot is in it, so it hears if that changes
        )
        .exists()
    )
    return and_(
        each.c.undone_at.is_(None),
        each.c.is_private.is_(False),
        each.c.held_until.is_(None),
        or_(each.c.channel_id == bindparam("channel"), is_public),
    )


def _named_by_author() -> Select[Any]:
    theirs = select(wins).where(wins.c.team_id == _team, wins.c.author_id == _author)
    latest = theirs.order_by(wins.c.created_at.desc(), wins.c.id.desc()).limit(LATEST).subquery()
    named = select(win_people.c.user_id, latest.c.created_at, latest.c.id)
    return named.join(latest, win_people.c.win_id == latest.c.id).where(_names_them, _is_shown(latest))


def _who_name_author() -> Select[Any]:
    is_author = (win_people.c.team_id == _team) & (win_people.c.user_id == _author)
    latest = select(win_people.c.win_id).where(is_author, _names_them)
    latest_ids = latest.order_by(win_people.c.win_id.desc()).limit(LATEST).subquery()
    authors = select(wins.c.author_id, wins.c.created_at, wins.c.id)
    return authors.join(latest_ids, wins.c.id == latest_ids.c.win_id).where(_is_shown(wins))


def _people() -> Select[Any]:
    found = union_all(_named_by_author(), _who_name_author()).subquery()
    chosen = and_(preferences.c.team_id == _team, preferences.c.user_id == found.c.user_id)
    is_offered = [
        found.c.user_id != _author,
        users.c.is_active,
        users.c.is_bot.is_(False),
        preferences.c.preference.is_(None) | (preferences.c.preference != Preference.NEVER),
    ]
    return (
        select(found.c.user_id, users.c.name)
        .join(users, and_(users.c.team_id == _team, users.c.user_id == found.c.user_id))
        .outerjoin(preferences, chosen)
        .where(*is_offered)
        .group_by(found.c.user_id, users.c.name)
        .order_by(func.max(found.c.created_at).desc(), func.max(found.c.id).desc(), found.c.user_id)
        .limit(bindparam("limit"))
    )


_select_people = _people()  # built once: it is asked after most wins


def who_may_have_helped(
    connection: Connection, team_id: str, author_id: str, channel_id: str, *, limit: int
) -> list[Mention]:
    """Return people with whom the author of a win in a channel shares others, in that channel or in public ones.

    They are active people of the workspace who don't prefer to be unnamed; those of the latest wins come first.
    """
    values = {"team": team_id, "author": author_id, "channel": channel_id, "limit": limit}
    return [Mention(row.user_id, row.name) for row in connection.execute(_select_people, values)]
