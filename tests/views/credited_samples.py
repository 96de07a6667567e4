"""What people read of the wins that they are in, and of how they are named, with every branch of its words."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from bot.domain.consent import Preference
from bot.domain.credit import CreditStatus
from bot.domain.credited_wins import CreditedWin, WinsOfOthers
from bot.domain.wins import Mention, Win
from bot.views import credited_win, my_wins, preferences
from bot.views.translations import Translations
from tests.views.sample_data import BEN, NAMES, NOW, ZONE, full_wins, link, win


def wins_of_others(*, is_complete: bool = True) -> WinsOfOthers:
    """Wins that Ben is in, in every way, those that wait for his answer apart."""
    listed = [
        CreditedWin(each, BEN.user_id, status)
        for each, status in product(_wins_of_ben(), CreditStatus)
        if status not in (CreditStatus.ASKED, CreditStatus.NAME_ASKED, CreditStatus.LEFT)
    ]
    asked = [
        CreditedWin(replace(win(), held_until=NOW), BEN.user_id, CreditStatus.ASKED),
        CreditedWin(win(), BEN.user_id, CreditStatus.NAME_ASKED),
    ]
    return WinsOfOthers(listed, asked, has_more_asked=True, is_complete=is_complete)


def _wins_of_ben() -> Iterator[Win]:
    yield from full_wins()[:3]
    yield replace(win(), joined=(BEN,))
    thanked = replace(win(), credited=())
    for others, reason in product(((), (Mention("U2"),)), ("λόγος", None)):
        yield replace(thanked, thanked=(BEN, *others), reason=reason)


def of_people_in_wins(t: Translations) -> Iterator[dict[str, Any]]:
    """Every message and form."""
    others = wins_of_others(is_complete=False)
    for start in range(0, len(others.wins), 5):
        some = replace(others, wins=others.wins[start : start + 5])
        yield my_wins.my_wins(t, full_wins(), NAMES, zone=ZONE, permalink=link, now=NOW, others=some)
    for reply in (credited_win.shared, credited_win.waits, credited_win.kept_private, credited_win.left_out):
        yield reply(t)
    for preference in (None, *Preference):
        for wants_messages, is_guest in product((True, False), repeat=2):
            about = {"wants_messages": wants_messages, "is_guest": is_guest, "wants_look_back": wants_messages}
            yield preferences.form(t, preference, **about)
        yield preferences.saved(t, preference)
