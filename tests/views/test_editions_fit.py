"""A look back can be posted and updated, whatever its wins become, who cheers and what people are called."""

import json
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.edition_composition import (
    KIND_OF_EDITION,
    MAX_THEMES,
    Candidate,
    EditionPart,
    EditionSection,
    ToldWin,
    compose,
    compose_workspace,
)
from bot.domain.roundups import RoundupKind
from bot.domain.win_size import max_line_bytes
from bot.domain.wins import Cheerers, Win
from bot.views.edition import edition
from bot.views.translations import ENGLISH
from slack_standin.block_kit.validation import validate_message
from tests.views.edition_samples import STARTS_ON
from tests.views.sample_data import win
from tests.views.test_updates_fit import (
    FACE,
    NAMED,
    NOW,
    always_the_same,
    assert_faces_are_named,
    calls,
    drafts,
    link,
    user_ids,
)

LONG_THEMES = tuple((chr(0x1F600 + number) * 30, 10_000) for number in range(MAX_THEMES))
KINDS = st.sampled_from([*KIND_OF_EDITION.values(), RoundupKind.WORKSPACE])
THEMES = st.sampled_from([(), LONG_THEMES])
some_wins = st.lists(drafts(), max_size=25).map(
    lambda drawn: [replace(win, id=number) for number, win in enumerate(drawn) if win is not None]
)


@always_the_same
@given(st.tuples(some_wins, some_wins), st.tuples(calls, calls), THEMES, KINDS)
def test_a_look_back_always_fits_also_when_all_its_wins_are_edited(
    before_and_after: tuple[list[Win], list[Win]],
    names_before_and_after: tuple[dict[str, str], dict[str, str]],
    themes: tuple[tuple[str, int], ...],
    kind: RoundupKind,
) -> None:
    wins, edited = before_and_after
    known, later = names_before_and_after
    candidates = [Candidate(win, max_line_bytes(win, known)) for win in wins]
    told = (
        compose_workspace(candidates, starts_on=STARTS_ON)
        if kind is RoundupKind.WORKSPACE
        else compose(candidates, reached={7}, starts_on=STARTS_ON, themes=[tag for tag, _ in themes])
    )
    by_id = {win.id: win for win in wins}
    now = {
        each.win_id: replace(edited[number % len(edited)], id=each.win_id) for number, each in enumerate(told) if edited
    }
    for each_wins, names, cheered_by in (
        (by_id, known, Cheerers()),
        (by_id, later, Cheerers.of(user_ids)),
        ({**by_id, **now}, later, Cheerers.of(user_ids)),
    ):
        for named in NAMED:
            part = EditionPart(
                channel_id="C0123456789",
                target_channel_id="C9876543210",
                kind=kind,
                due_at=NOW - timedelta(hours=3),
                starts_on=date(2030, 1, 1),
                zone="America/Argentina/Buenos_Aires",
                told=tuple(ToldWin(named(each_wins[each.win_id]), each.section) for each in told),
                themes=themes,
                reached=frozenset({7}),
                cheered_by=cheered_by,
            )
            message = edition(ENGLISH, part, names, permalink=link, posted_at=NOW, faces=dict.fromkeys(names, FACE))
            assert validate_message(message) == []
            assert_faces_are_named(message)
            assert len(message["text"].encode()) <= 4000
            assert len(json.dumps(message["blocks"], ensure_ascii=False, separators=(",", ":"))) < 10_000
            if cheered_by:
                assert "Cheered by" in message["text"], "nothing is cut off its end"


def test_a_theme_from_right_to_left_keeps_its_number_beside_it() -> None:
    themes = (("תיעוד", 3), ("docs", 2), ("ops", 2))
    told = (ToldWin(win(), EditionSection.QUOTE),)
    part = EditionPart("C1", "C1", RoundupKind.QUARTERLY, NOW, STARTS_ON, "UTC", told, themes)
    text = edition(ENGLISH, part, {}, permalink=link, posted_at=NOW)["text"]
    assert "Wins by theme: \u2068#תיעוד\u2069 (3), #docs (2), #ops (2)" in text.splitlines()
