"""Every message to the people in wins, with every branch of its words."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from bot.domain.consent import HOLD_PERIOD, Preference
from bot.domain.credit import Credit, CreditStatus
from bot.domain.credit_notes import Note, ToldChannel, told_win
from bot.domain.look_back import LookBack
from bot.domain.wins import Cheerers, Mention, Win, WinKind
from bot.views import credit
from bot.views.credit_note import credit_note
from bot.views.look_back import look_back
from bot.views.translations import Translations
from tests.views.sample_data import BEN, NAMES, NOW, ZONE, full_wins, link, win


def of_credit(t: Translations) -> Iterator[dict[str, Any]]:
    about = Credit(
        replace(win(), credited=(BEN,), held_until=NOW + HOLD_PERIOD),
        BEN.user_id,
        CreditStatus.ASKED,
        is_thanked=False,
        has_said_yes=False,
        preference=None,
        explains=True,
        wants_messages=True,
    )
    for status, preference in product(CreditStatus, (None, *Preference)):
        for is_thanked, is_own, has_said_yes in product((True, False), repeat=3):
            shown = replace(about.win, is_own=is_own)
            yield _credit(
                t,
                replace(
                    about,
                    win=shown,
                    status=status,
                    preference=preference,
                    is_thanked=is_thanked,
                    has_said_yes=has_said_yes,
                ),
            )
    yield _credit(t, replace(about, explains=False, wants_messages=False))
    for each in full_wins():
        yield _credit(t, replace(about, win=each, status=CreditStatus.NAMED))
        yield _credit(t, replace(about, win=each, status=CreditStatus.NAMED, is_unposted=True))
    for wins in ((win(),), full_wins(), (*full_wins(), win()) * 12):
        for wants_messages in (True, False):
            yield credit_note(t, note_about(wins, wants_messages=wants_messages), NAMES, key="κ", permalink=link)
    thanked = replace(win(), thanked=(BEN,), reason="λόγος")
    without_reason = replace(thanked, reason=None)
    for each in (thanked, replace(thanked, credited=()), without_reason, replace(without_reason, credited=())):
        yield credit_note(t, note_about([each]), NAMES, key="κ", permalink=link)
    own = replace(win(cheers=1), author=BEN, credited=())
    yield credit_note(t, note_about([own, replace(own, kind=WinKind.LEARNING)]), NAMES, key="κ", permalink=link)
    only_whole = note_about([win()], was_told=True)
    (told,) = only_whole.channels
    only_whole = replace(only_whole, channels=(replace(told, cheered_by=Cheerers.of(["U3"])),))
    yield credit_note(t, only_whole, NAMES, key="κ", permalink=link)
    for each in (thanked, joined_win()):
        note = note_about([each, replace(each, cheered_by=Cheerers.of(["U2"]))], was_told=True)
        for count in (0, 1, 2, 5):
            told_in_more = in_channels(note, count, Cheerers.of(["U3", "U4"]))
            yield credit_note(t, told_in_more, NAMES, key="κ", permalink=link)
    crowded = in_channels(note_about([replace(win(), text="λόγος " * 80)] * 9), 4, Cheerers.of(NAMES))
    yield credit_note(t, crowded, dict.fromkeys(NAMES, "ονοματεπώνυμο" * 8), key="κ", permalink=link)
    private = replace(win(None), text="λόγος")
    for each, wants_look_back in product((*full_wins(), private), (True, False)):
        about_year = LookBack("U0", each, ZONE, wants_look_back)
        yield look_back(t, about_year, NAMES, key="κ", permalink=link)
    for reply in (credit.changed_since, credit.too_late, credit.not_in_it, credit.not_your_message):
        yield reply(t)


def joined_win() -> Win:
    return replace(win(), credited=(BEN,), joined=(BEN,), author=Mention("U5"), is_own=False)


def note_about(wins: Iterable[Win], *, wants_messages: bool = True, was_told: bool = False) -> Note:
    """A note to Ben about one channel's roundup."""
    told = tuple(told_win(each, BEN.user_id, was_told=was_told) for each in wins)
    return Note(BEN.user_id, (ToldChannel("C1", told, Cheerers()),), wants_messages)


def in_channels(note: Note, count: int, cheered_by: Cheerers) -> Note:
    """The same in more channels, where people cheered the whole roundup."""
    (told,) = note.channels
    more = tuple(replace(told, channel_id=f"C{number}", cheered_by=cheered_by) for number in range(2, count + 2))
    return replace(note, channels=(told, *more))


def _credit(t: Translations, about: Credit) -> dict[str, Any]:
    return credit.credit(t, about, NAMES, key="κ", zone=ZONE, permalink=link)
