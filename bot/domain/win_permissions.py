"""Who may do what with a win: one table, and only what it lists is allowed.

Admins and a channel's owner may do no more than other members: what someone wrote is theirs.
"""

from collections.abc import Collection
from enum import StrEnum

from bot.domain.consent import Consent
from bot.domain.wins import Win


class WinAction(StrEnum):
    """What a person may ask to do with a win."""

    SEE = "see"
    """Read it in a list that the bot shows to them alone."""
    FIND = "find"
    """Get it as a result of a search."""
    CHEER = "cheer"
    JOIN = "join"
    """Say "I was part of this"."""
    EDIT = "edit"
    UNDO = "undo"
    DELETE = "delete"
    MAKE_PRIVATE = "make_private"
    SHARE_AGAIN = "share_again"
    """Show a private win in the channel that it was saved for."""
    REMOVE_JOINED = "remove_joined"
    """Take back that someone was part of it."""
    SAVE_FOR_ANOTHER = "save_for_another"
    """Save a win of someone else, in a channel or privately. There is no win yet, so the person isn't its author."""
    ANSWER = "answer"
    """Say whether a win that they are in may be shared, or may name them."""
    LEAVE = "leave"
    """Take their own name out of it."""
    SUGGEST = "suggest"
    """Have the bot suggest to the author of a message, privately, that they save it."""


class WinRelation(StrEnum):
    """What a person is to a win: the first of these that holds."""

    STRANGER = "stranger"
    """Of another organization, deactivated, or a bot."""
    AUTHOR = "author"
    """Wrote it, and it is their win."""
    AUTHOR_FOR_OTHERS = "author_for_others"
    """Wrote it, and it is the win of others."""
    CREDITED = "credited"
    """It is their win, too: the author named them, or they joined."""
    THANKED = "thanked"
    """They made it possible, as the author says. It is not theirs."""
    GUEST = "guest"
    MEMBER = "member"
    """Anyone else of the workspace."""


class Reach(StrEnum):
    """How near a person is to a win: the channel that shows it, and whether they can look into that."""

    IN_CHANNEL = "in_channel"
    PUBLIC = "public"
    """They aren't in its channel, which is public."""
    HIDDEN = "hidden"
    """They aren't in its channel, which is private or may be; or Slack doesn't say whether they are in it."""
    HELD = "held"
    """They can look into its channel, which doesn't show it: it waits for the consent of people in it."""
    NOWHERE = "nowhere"
    """No channel shows it: the win is private."""


_EVERYWHERE = frozenset(Reach)
_VISIBLE = frozenset({Reach.IN_CHANNEL, Reach.PUBLIC})
_IN_CHANNEL = frozenset({Reach.IN_CHANNEL})
_NOT_PRIVATE = _EVERYWHERE - {Reach.NOWHERE}
_WHERE_AUTHORS_WRITE = _EVERYWHERE - {Reach.HIDDEN}
"""An edit writes into the channel. Someone who has left a private one can still take their win out of it."""


def _of_author(reaches: frozenset[Reach]) -> dict[WinRelation, frozenset[Reach]]:
    return {WinRelation.AUTHOR: reaches, WinRelation.AUTHOR_FOR_OTHERS: reaches}


_READING = _of_author(_EVERYWHERE) | {
    WinRelation.CREDITED: _VISIBLE | {Reach.HELD},
    WinRelation.THANKED: _VISIBLE | {Reach.HELD},
    WinRelation.MEMBER: _VISIBLE,
    WinRelation.GUEST: _IN_CHANNEL,
}
_SAVING = {WinRelation.MEMBER: _IN_CHANNEL | {Reach.NOWHERE}, WinRelation.GUEST: _IN_CHANNEL | {Reach.NOWHERE}}
_HAVING_A_PART = {
    WinRelation.THANKED: _VISIBLE,
    WinRelation.MEMBER: _VISIBLE,
    WinRelation.GUEST: _IN_CHANNEL,
}

_OF_ONES_OWN_NAME = {WinRelation.CREDITED: _NOT_PRIVATE, WinRelation.THANKED: _NOT_PRIVATE}
"""Through the message that they got, even if they have left the channel since: it shows nothing of the channel."""

ALLOWED: dict[WinAction, dict[WinRelation, frozenset[Reach]]] = {
    WinAction.SEE: _READING,
    WinAction.FIND: _READING,
    WinAction.CHEER: _HAVING_A_PART | {WinRelation.AUTHOR_FOR_OTHERS: _VISIBLE},
    WinAction.JOIN: _HAVING_A_PART | {WinRelation.AUTHOR_FOR_OTHERS: _VISIBLE},
    WinAction.EDIT: _of_author(_WHERE_AUTHORS_WRITE),
    WinAction.UNDO: _of_author(_EVERYWHERE),
    WinAction.DELETE: _of_author(_EVERYWHERE),
    WinAction.MAKE_PRIVATE: _of_author(_EVERYWHERE),
    WinAction.SHARE_AGAIN: _of_author(_IN_CHANNEL),
    WinAction.REMOVE_JOINED: _of_author(_EVERYWHERE),
    WinAction.ANSWER: _OF_ONES_OWN_NAME,
    WinAction.LEAVE: _OF_ONES_OWN_NAME,
    WinAction.SAVE_FOR_ANOTHER: _SAVING,
    WinAction.SUGGEST: {WinRelation.MEMBER: _IN_CHANNEL, WinRelation.GUEST: _IN_CHANNEL},
}
"""For each action, who may do it, and from where. For sharing again, the channel is the one that would show it."""

NEEDS_BOT = frozenset({WinAction.SHARE_AGAIN, WinAction.SUGGEST})
"""These need a channel that the bot is in and that isn't archived."""


def relation_to_win(
    user_id: str,
    *,
    author_id: str,
    credited_ids: Collection[str] = (),
    thanked_ids: Collection[str] = (),
    is_own: bool = True,
    is_active: bool = True,
    is_guest: bool = False,
) -> WinRelation:
    """Return what a person is to a win. `credited_ids` are those named or joined, `is_own` is the win's.

    One who is not `is_active` (of another organization, deactivated, or a bot) is a stranger, whatever else they were.
    """
    if not is_active:
        return WinRelation.STRANGER
    if user_id == author_id:
        return WinRelation.AUTHOR if is_own else WinRelation.AUTHOR_FOR_OTHERS
    if user_id in credited_ids:
        return WinRelation.CREDITED
    if user_id in thanked_ids:
        return WinRelation.THANKED
    return WinRelation.GUEST if is_guest else WinRelation.MEMBER


def relation_of(win: Win, user_id: str, *, is_active: bool = True, is_guest: bool = False) -> WinRelation:
    """Return what a person is to a stored win; `is_active` as in `relation_to_win`.

    Someone who took their name out of a shared win is no longer in it.
    """
    left_ids = set() if win.is_held else {each.user_id for each in win.people if each.consent is Consent.REFUSED}
    return relation_to_win(
        user_id,
        author_id=win.author.user_id,
        credited_ids={person.user_id for person in win.credited} - left_ids,
        thanked_ids={person.user_id for person in win.thanked} - left_ids,
        is_own=win.is_own,
        is_active=is_active,
        is_guest=is_guest,
    )


def reach_of_win(
    channel_id: str | None, *, is_private: bool, is_held: bool = False, is_in: bool | None, is_public: bool | None
) -> Reach:
    """Return how near a person is to a win; the first two are the win's, the rest is what Slack says of its channel.

    `is_in` (the person is in it) and `is_public` are None where Slack doesn't say.
    """
    if channel_id is None or is_private:
        return Reach.NOWHERE
    if not (is_in or is_public):
        return Reach.HIDDEN
    if is_held:
        return Reach.HELD
    return Reach.IN_CHANNEL if is_in else Reach.PUBLIC


def may_from_anywhere(action: WinAction, relation: WinRelation) -> bool:
    """Whether a person may do this with a win, whatever they can see of its channel."""
    return all(may_with_win(action, relation, reach) for reach in Reach)


def may_with_win(action: WinAction, relation: WinRelation, reach: Reach, *, has_bot: bool = True) -> bool:
    """Whether a person may do this with a win. `has_bot` is False for a channel that the bot can't post in."""
    return (has_bot or action not in NEEDS_BOT) and reach in ALLOWED[action].get(relation, ())
