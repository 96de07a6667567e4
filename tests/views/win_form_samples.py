"""The form of a win, and what is shown around it, with every branch of its words."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.domain.audit_log import Unavailability
from bot.domain.entered_win import EnteredWin
from bot.domain.wins import Empty, OnlyPeople, TooLong, WinKind
from bot.views import ephemeral, win_form
from bot.views.format import paragraph, plain_text
from bot.views.translations import Translations
from tests.views.climb_samples import CONTINUES, STARTS

FILLED = EnteredWin("έργο", ("U0", "U1"), ("U2",), "γιατί", ("ετικέτα",), "https://example.com", WinKind.LEARNING, "C1")


def of_win_form(t: Translations) -> Iterator[dict[str, Any]]:
    """The form, its errors, and the answers around it."""
    for entered in (EnteredWin(), FILLED, replace(FILLED, is_private=True)):
        yield win_form.form(t, entered, private_metadata="{}", is_saved_before=True, takes_current=True)
        yield win_form.form(
            t, entered, private_metadata="{}", version=2, is_restored=True, is_repeated=True, is_in_group=True
        )
    for step_of in (STARTS, CONTINUES):
        for is_private in (False, True):
            entered = replace(FILLED, step_of=step_of, is_private=is_private)
            yield win_form.form(t, entered, private_metadata="{}", step_label="βήμα")
    for invalid in (Empty(""), OnlyPeople("έργο"), TooLong("έργο")):
        yield paragraph(win_form.errors(t, {"text": invalid}, version=0)[win_form.TEXT])
    for reason in Unavailability:
        yield paragraph(win_form.errors(t, {"channel_id": reason}, version=0)[win_form.CHANNEL])
    for name, error in win_form.field_errors(t):
        (text,) = win_form.errors(t, {name: error}, version=1).values()
        yield paragraph(text)
    for is_kept in (True, False):
        yield win_form.failed_to_open(t, value="7", is_kept=is_kept)
    yield {"type": "modal", "title": plain_text("Winsome"), "blocks": [win_form.forgotten(t)]}
    yield win_form.saved(t, ephemeral.win_not_found(t))
