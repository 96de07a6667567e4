"""How someone wants to be named in wins of others, and whether they want messages about wins that they are in."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.consent import Consent, Preference
from bot.services import consent
from bot.services.idempotency import Done, ResultCode
from bot.storage import consent as consent_queries
from bot.storage import preferences as queries


class ChooseResult(ResultCode):
    """The result of choosing how one wants to be named."""

    CHANGED = "changed"
    NO_CHANGE = "no_change"


def choose(
    connection: Connection, *, team_id: str, user_id: str, preference: Preference, now: datetime
) -> ChooseResult:
    """Store how someone wants to be named, let it answer what waits for them, and update what names them by it, or did.

    To share says yes to everything that waits for them, but not to what they said no to. Never by name says no to wins
    that are said to be theirs, and lets the others be shared without their name. To be asked first is for wins that
    aren't shared yet: after "never by name", wins that have been shared still read "a teammate". Messages in which
    others read that before and after aren't updated: Slack keeps when one was last edited, and that would tell of it.
    """
    consent_queries.lock_people(connection, [(team_id, user_id)], changes_them=True)
    consent_queries.lock_wins_of(connection, team_id, user_id)
    before = queries.of_people(connection, team_id, [user_id])[user_id].preference
    if before is preference:
        return ChooseResult.NO_CHANGE
    named_in = consent_queries.wins_that_name(connection, team_id, user_id)
    queries.choose(connection, team_id, user_id, preference)
    if preference is not Preference.ASK:
        asked = (Consent.PENDING,) if preference is Preference.SHARE else (Consent.PENDING, Consent.GIVEN)
        for win_id in consent_queries.wins_of(connection, team_id, user_id, consents=asked):
            _answer_by_preference(connection, team_id, win_id, user_id, preference, now=now)
    if preference is not Preference.SHARE:
        for win_id in consent_queries.waiting_for_others(connection, team_id, user_id, now=now):
            win = consent.locked_win(connection, team_id, win_id)
            if win is not None:
                consent.wait_for(connection, win, user_id, now=now)
    if before is Preference.NEVER and preference is Preference.ASK:
        consent_queries.keep_unnamed(connection, team_id, user_id)
        for win_id in consent_queries.waiting_for(connection, team_id, user_id, now=now):  # for others, until now
            win = consent.locked_win(connection, team_id, win_id)
            if win is not None:
                consent.ask(connection, win, {user_id: Consent.PENDING}, now=now)
    if before is Preference.NEVER:  # which named them nowhere
        named_in = consent_queries.wins_that_name(connection, team_id, user_id)
    if Preference.NEVER in (before, preference):
        consent_queries.update_naming(connection, team_id, user_id, named_in)
    return ChooseResult.CHANGED


def _answer_by_preference(
    connection: Connection, team_id: str, win_id: int, user_id: str, preference: Preference, *, now: datetime
) -> None:
    """Let a preference answer for someone in a win."""
    win = consent.locked_win(connection, team_id, win_id)
    person = None if win is None else win.person(user_id)
    if win is None or person is None:
        return
    credited = {each.user_id for each in win.credited} - {each.user_id for each in win.joined}
    is_said_to_be_theirs = not win.is_own and user_id in credited
    if preference is Preference.SHARE and person.consent is Consent.PENDING:
        consent_queries.save(connection, win.id, {user_id: Consent.GIVEN})
    elif preference is Preference.NEVER and is_said_to_be_theirs and (win.is_held or person.consent is Consent.PENDING):
        consent_queries.save(connection, win.id, {user_id: Consent.REFUSED})
    if not consent.release_if_agreed(connection, team_id, win_id, now=now):
        if preference is Preference.SHARE:  # what "never by name" changes is updated for all wins at once
            consent.update_shown(connection, win)
        consent.update_messages(connection, win.id, user_id)
        consent.update_others(connection, win, user_id)


def set_messages(connection: Connection, *, team_id: str, user_id: str, wants_messages: bool) -> Done:
    """Stop these messages for someone, or let them come again."""
    queries.set_messages(connection, team_id, user_id, wants_messages=wants_messages)
    return Done.DONE
