"""Whether someone is named in a win: the whole table, written out. test_consent_table.py tries each cell.

Ana is the author and Ben the person in question. Everything that a channel reads is one of these words.
"""

from enum import StrEnum

from bot.domain.consent import Preference


class Read(StrEnum):
    """What people in the channel read."""

    NAME = "the win, with the name"
    TEAMMATE = 'the win, with "a teammate"'
    NOTHING = "nothing at all"


class Named(StrEnum):
    """What Ben is in the win of Ana."""

    IN_OWN = "named in Ana's own win"
    THANKED_IN_OWN = "thanked in Ana's own win"
    WHOSE = "the one whose win it is, as Ana says"
    THANKED_IN_THEIRS = "thanked in Chloe's win, as Ana says, and Chloe prefers to share"


class Prefers(StrEnum):
    """What Ben has chosen."""

    NONE = "nothing yet"
    SHARE = "share"
    ASK = "ask me first"
    NEVER = "never by name"


PREFERENCES = {
    Prefers.NONE: None,
    Prefers.SHARE: Preference.SHARE,
    Prefers.ASK: Preference.ASK,
    Prefers.NEVER: Preference.NEVER,
}


class Moment(StrEnum):
    """When Ben comes into the win."""

    SAVED = "when it is saved"
    WAITS = "by an edit, while it waits for someone else, who then says yes"
    SHARED_AGAIN = "when it is private, and then shared again"
    TAKEN_BACK = "when it was told, made private and edited, and then shared again"
    ANNOUNCED = "by an edit, when it is announced"
    TOLD = "by an edit, when a roundup has told it"


IS_SHOWN = {Moment.ANNOUNCED, Moment.TOLD}
"""The channel has read the win, which stays. Only the name waits."""

Cell = tuple[Read, bool]
"""What the channel reads at first, and whether Ben is asked."""
NAMED_AT_ONCE, UNNAMED = (Read.NAME, False), (Read.TEAMMATE, False)
WAITS, WAITS_IN_VAIN = (Read.NOTHING, True), (Read.NOTHING, False)

_WHO_ASKS_ONLY_IF_TOLD_TO = {
    Prefers.NONE: NAMED_AT_ONCE,
    Prefers.SHARE: NAMED_AT_ONCE,
    Prefers.ASK: WAITS,
    Prefers.NEVER: UNNAMED,
}
TABLE: dict[Named, dict[Prefers, Cell]] = {
    Named.IN_OWN: _WHO_ASKS_ONLY_IF_TOLD_TO,
    Named.THANKED_IN_OWN: _WHO_ASKS_ONLY_IF_TOLD_TO,
    Named.WHOSE: {
        Prefers.NONE: WAITS,
        Prefers.SHARE: NAMED_AT_ONCE,
        Prefers.ASK: WAITS,
        Prefers.NEVER: WAITS_IN_VAIN,
    },
    Named.THANKED_IN_THEIRS: _WHO_ASKS_ONLY_IF_TOLD_TO,
}


def at_first(named: Named, prefers: Prefers, moment: Moment) -> Cell:
    """Return the cell of the table: a win that was shown before stays, and says "a teammate" until there is a yes."""
    read, is_asked = TABLE[named][prefers]
    if moment in IS_SHOWN and read is Read.NOTHING:
        return Read.TEAMMATE, is_asked
    return read, is_asked


class Act(StrEnum):
    """What happens next."""

    NOTHING = "nothing, for 13 days"
    YES = "Ben says yes"
    NO = "Ben says no"
    NO_THEN_YES = "Ben says no, and then yes"
    LATE_YES = "Ben says yes after 14 days"
    LEAVES = "Ben takes his name out of it"
    LEAVES_BUT_EDITED = "Ben takes his name out of it, and Ana edits the text"
    LEAVES_BUT_NAMED_AGAIN = "Ben takes his name out of it, and Ana takes him out and puts him in again"
    SHARES = "Ben chooses to share"
    ASKS = "Ben chooses to be asked"
    NEVER = "Ben chooses never to be named"
    NEVER_THEN_ASKS = "Ben chooses never to be named, and then to be asked"
    NEVER_THEN_SHARES = "Ben chooses never to be named, and then to share"


_STAYS_NAMED = dict.fromkeys(Act, Read.NAME) | {
    Act.NO: Read.TEAMMATE,
    Act.LEAVES: Read.TEAMMATE,
    Act.LEAVES_BUT_EDITED: Read.TEAMMATE,
    Act.LEAVES_BUT_NAMED_AGAIN: Read.TEAMMATE,
    Act.NEVER: Read.TEAMMATE,
    Act.NEVER_THEN_ASKS: Read.TEAMMATE,
}
_STAYS_UNNAMED = dict.fromkeys(Act, Read.TEAMMATE) | {Act.SHARES: Read.NAME, Act.NEVER_THEN_SHARES: Read.NAME}
_STAYS_HELD = dict.fromkeys(Act, Read.NOTHING) | {Act.LEAVES_BUT_NAMED_AGAIN: Read.TEAMMATE}
"""Without Ben there is no one to wait for: what is told then stays told, and keeps back his name."""
_UNTIL_YES = {Act.YES: Read.NAME, Act.NO_THEN_YES: Read.NAME, Act.SHARES: Read.NAME}

_STAYS_REFUSED = dict.fromkeys(Act, Read.TEAMMATE)
"""A no to one win stays so, whatever Ben chooses for others. One who wants to be named nowhere has said no to it."""

AFTERWARDS: dict[Cell, dict[Act, Read]] = {
    NAMED_AT_ONCE: _STAYS_NAMED,
    UNNAMED: _STAYS_UNNAMED,
    WAITS: _STAYS_HELD | _UNTIL_YES,
    WAITS_IN_VAIN: _STAYS_HELD | {Act.YES: Read.TEAMMATE, Act.NO_THEN_YES: Read.TEAMMATE},
    (Read.TEAMMATE, True): _STAYS_UNNAMED | _UNTIL_YES | {Act.LATE_YES: Read.NAME},
}


def afterwards(named: Named, prefers: Prefers, moment: Moment, act: Act) -> Read:
    """Return what the channel reads in the end.

    Of a win that is said to be Ben's, "never" is a no. In someone else's own it keeps back a name, and not the win.
    """
    cell = at_first(named, prefers, moment)
    chooses_never = act in (Act.NEVER, Act.NEVER_THEN_ASKS, Act.NEVER_THEN_SHARES)
    said_no = prefers is Prefers.NEVER or chooses_never
    if named is Named.WHOSE and cell in (UNNAMED, (Read.TEAMMATE, True)) and said_no:
        return _STAYS_REFUSED[act]
    if cell == WAITS and named is not Named.WHOSE and chooses_never:
        return _STAYS_UNNAMED[act]
    return AFTERWARDS[cell][act]


class Place(StrEnum):
    """Where the win is shared, or would be: what a channel reads of it is in the table."""

    PUBLIC = "a public channel, which Ben isn't in"
    PRIVATE = "a private channel that Ben is in"
    PRIVATE_OF_OTHERS = "a private channel that Ben isn't in"
    GROUP = "a group conversation that Ben is in"
    ARCHIVED = "a public channel that is archived then"
    WITHOUT_BOT = "a public channel that the bot isn't in"
    PRIVATE_WITHOUT_BOT = "a private channel that Ben is in, and the bot isn't"


TELLS_BEN = {Place.PUBLIC, Place.PRIVATE, Place.ARCHIVED, Place.WITHOUT_BOT}
"""As far as Slack tells the bot, Ben can look into it, so that he hears of the win."""
TELLS_LATER = {Place.PUBLIC, Place.PRIVATE, Place.PRIVATE_OF_OTHERS}
"""The bot can post there at any time. Elsewhere, what waited is shared with no one: Slack refuses it."""


def at_first_in(place: Place, named: Named, prefers: Prefers) -> Cell:
    """Return what a place reads of a new win, and whether Ben is asked: a win waits wherever it is said."""
    read, is_asked = at_first(named, prefers, Moment.SAVED)
    return read, is_asked and place in TELLS_BEN


def afterwards_in(place: Place, named: Named, prefers: Prefers, act: Act) -> Read:
    """Return what a place reads in the end; where Ben isn't asked, only a choice is an answer of his."""
    read, is_asked = at_first_in(place, named, prefers)
    is_answer = act in (Act.YES, Act.NO, Act.NO_THEN_YES, Act.LATE_YES)
    if (is_answer and not is_asked) or (read is Read.NOTHING and place not in TELLS_LATER):
        return read
    return afterwards(named, prefers, Moment.SAVED, act)
