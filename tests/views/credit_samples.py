"""Every message to the people in wins, with every branch of its words."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from bot.domain.consent import HOLD_PERIOD, Preference
from bot.domain.credit import Credit, CreditNote, CreditStatus
from bot.views import credit
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
            note = CreditNote("C1", BEN.user_id, tuple(wins), wants_messages)
            yield credit.credit_note(t, note, NAMES, key="κ", permalink=link)
    for reply in (credit.changed_since, credit.too_late, credit.not_in_it, credit.not_your_message):
        yield reply(t)


def _credit(t: Translations, about: Credit) -> dict[str, Any]:
    return credit.credit(t, about, NAMES, key="κ", zone=ZONE, permalink=link)
