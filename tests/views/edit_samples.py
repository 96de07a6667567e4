"""A sample of each message and view about editing a win, making it private, and sharing it again."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.domain.audit_log import Unavailability
from bot.domain.deliveries import DeliveryKind
from bot.domain.entered_win import EnteredWin
from bot.domain.win_edits import NoRoom, StaleMessage, StaleReason
from bot.views import edit_win, waiting
from bot.views.translations import Translations
from tests.views.climb_samples import STARTS
from tests.views.sample_data import NAMES, NOW, held_wins, win


def of_edits(t: Translations) -> Iterator[dict[str, Any]]:
    entered = EnteredWin("έργο", ("U0",), ("U1",), "λόγος", ("ετικέτα",), "https://a.test")
    shown = replace(win(cheers=2), is_private=False)
    for each in (shown, replace(shown, message_ts=None), replace(shown, is_private=True), win(None)):
        yield edit_win.form(t, each, entered, private_metadata="")
    yield edit_win.form(
        t, shown, entered, private_metadata="", version=1, current=edit_win.current(t, shown, "έργο", NAMES)
    )
    yield edit_win.form(t, shown, entered, private_metadata="", may_edit=False)
    yield edit_win.form(t, shown, replace(entered, step_of=STARTS), private_metadata="", step_label="βήμα")
    for limit in (0, 1, 2):
        yield {"text": edit_win.no_room(t, NoRoom(limit, 500))}
    stale = [
        StaleMessage(kind, "C1", reason)
        for kind in (DeliveryKind.ANNOUNCEMENT, DeliveryKind.ROUNDUP)
        for reason in StaleReason
    ]
    yield edit_win.saved(t, stale)
    for remains in ("", "έργο"):
        yield edit_win.made_private(t, remains=remains)
    for is_in_place in (True, False):
        yield edit_win.shared_again(t, "C1", is_in_place=is_in_place)
    for each in held_wins():
        yield edit_win.waits(t, each, now=NOW)
        yield edit_win.form(t, each, entered, private_metadata="", held=waiting.held(t, each, now=NOW))
    for channel_id, why in ((None, None), ("C1", None), *(("C1", each) for each in Unavailability)):
        yield edit_win.cannot_share(t, channel_id, why)
    for answer in (edit_win.gone, edit_win.not_yours, edit_win.not_a_win, edit_win.is_roundup):
        yield answer(t)
    yield edit_win.failed_to_open(t, 1)
