"""Whether people are named in wins of others: what each prefers, and what they said of one win.

A win that someone saves for others waits until these say yes, unless they prefer to share. An author's own win that
names people is shared at once, unless one of them prefers to be asked first.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum

HOLD_PERIOD = timedelta(days=14)
"""How long a win waits for a yes. After that it stays private between its author and the people in it."""


class Preference(StrEnum):
    """How someone wants to be named in the wins of others, once they have chosen."""

    SHARE = "share"
    ASK = "ask"
    """Ask me first."""
    NEVER = "never"
    """Never by name: others read "a teammate"."""


class Consent(StrEnum):
    """What someone in a win has said about it; None where there was nothing to ask."""

    PENDING = "pending"
    """They haven't said anything."""
    GIVEN = "given"
    REFUSED = "refused"
    """They said no, they took their name out of it, or they prefer not to be named."""


def needed_consent(preference: Preference | None, *, is_own: bool) -> Consent | None:
    """Return someone's first consent to a new win that names them; None if there is nothing to ask.

    The win `is_own` if the author is among those whose win it is. It waits as long as any consent is not given.
    """
    if is_own:
        return Consent.PENDING if preference is Preference.ASK else None
    if preference is Preference.SHARE:
        return None
    return Consent.REFUSED if preference is Preference.NEVER else Consent.PENDING


def needed_consents(
    *,
    author_id: str,
    is_own: bool,
    credited_ids: Collection[str],
    thanked_ids: Collection[str],
    preferences: Mapping[str, Preference | None],
) -> dict[str, Consent]:
    """Return the first consent of each person in a new win, by user id, where there is something to ask.

    People who are thanked are asked as in an author's own win, because the win isn't theirs. Its author is not asked.
    """
    others = [user_id for user_id in dict.fromkeys((*credited_ids, *thanked_ids)) if user_id != author_id]
    needed = {
        user_id: needed_consent(preferences.get(user_id), is_own=is_own or user_id not in credited_ids)
        for user_id in others
    }
    return {user_id: consent for user_id, consent in needed.items() if consent is not None}


def is_named(consent: Consent | None, preference: Preference | None, *, is_in_it: bool = True) -> bool:
    """Whether others read someone's name in a win, and not "a teammate".

    Someone who was taken out of the win can't be asked anymore, so if they want to be asked first, only a yes that they
    gave before names them.
    """
    if preference is Preference.NEVER or consent not in (None, Consent.GIVEN):
        return False
    return is_in_it or consent is Consent.GIVEN or preference is not Preference.ASK


def is_waited_for(consent: Consent | None) -> bool:
    """Whether a win that isn't shared yet waits for this person. Someone who said no may still change their mind."""
    return consent in (Consent.PENDING, Consent.REFUSED)
