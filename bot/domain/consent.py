"""Whether people are named in wins of others: what each prefers, and what they said of one win.

Someone else's win waits for a yes of those whose win it is, unless they prefer to share. A win of the author's own that
names people is shared at once, unless one of them asked to be asked first.
"""

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
    """What someone who is in a win has said of it. There is none where there was nothing to ask."""

    PENDING = "pending"
    """They haven't said anything."""
    GIVEN = "given"
    REFUSED = "refused"
    """They said no, they took their name out of it, or they prefer not to be named."""


def needed_consent(preference: Preference | None, *, is_own: bool) -> Consent | None:
    """Return what is known at first of someone's consent to a win that names them; None if there is nothing to ask.

    It `is_own` if the author is among those whose win it is. A win waits as long as one is not given.
    """
    if is_own:
        return Consent.PENDING if preference is Preference.ASK else None
    if preference is Preference.SHARE:
        return None
    return Consent.REFUSED if preference is Preference.NEVER else Consent.PENDING


def is_named(consent: Consent | None, preference: Preference | None) -> bool:
    """Whether others read someone's name in a win, and not "a teammate"."""
    return preference is not Preference.NEVER and consent in (None, Consent.GIVEN)
