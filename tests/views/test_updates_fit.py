"""What was posted can be updated, no matter who cheers later, what people are called by then, and who is named."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.credit import Credit, CreditStatus
from bot.domain.credit_notes import Note, ToldChannel, ToldWin
from bot.domain.look_back import LookBack
from bot.domain.roundup_composition import MAX_BLOCKS, REST, Composition, OpenWin, compose
from bot.domain.roundups import RoundupPart, Step, ThreadSection
from bot.domain.win_form import MAX_REASON_LENGTH, MAX_URL_LENGTH
from bot.domain.win_size import json_length, note_size, win_size
from bot.domain.wins import (
    MAX_CLIMB_NAME_LENGTH,
    Cheerers,
    ClimbOfWin,
    Mention,
    MessageSource,
    TooLong,
    Win,
    WinKind,
    parse_win,
)
from bot.views.announcement import announcement
from bot.views.credit import credit
from bot.views.credit_note import credit_note
from bot.views.format import Message, escape
from bot.views.look_back import look_back
from bot.views.roundup import roundup
from bot.views.translations import ENGLISH
from slack_standin.block_kit.validation import validate_message
from tests.examples import examples

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"
TS = "1900000000.000001"
FACE = "https://avatars.slack-edge.com/2030-03-08/0123456789012_0123456789abcdef0123_48.png"
SCRIPTS = {
    "latin": "abc DEÉ",
    "a name": "Bo, @bo & ",
    "japanese": "勝利をかな",
    "emoji": "🎉👩🏽\u200d🚀🇩🇪",
    "right to left": "שלום مرحبا",
    "combining": "e\u0301\u0323n\u0303\u20e3",
    "devanagari": "क्षि हिन्दी",
    "escaped": "&<>`",
}
always_the_same = settings(max_examples=examples(30), derandomize=True, database=None, deadline=None)
scripts = st.sampled_from(sorted(SCRIPTS.values()))
texts = st.tuples(scripts, st.integers(1, 480)).map(lambda drawn: (drawn[0] * drawn[1])[: drawn[1]])
names = st.tuples(scripts, st.integers(1, 80)).map(lambda drawn: (drawn[0] * drawn[1])[: drawn[1]])
user_ids = [f"U{number:010}" for number in range(40)]
calls = st.lists(names, min_size=len(user_ids), max_size=len(user_ids)).map(
    lambda drawn: dict(zip(user_ids, drawn, strict=True))
)
mentions = st.builds(
    Mention, st.sampled_from(user_ids), st.one_of(st.none(), names, st.just("Bo")), is_unnamed=st.booleans()
)
notes = st.tuples(scripts, st.integers(1, 300)).map(lambda drawn: (drawn[0] * drawn[1])[: drawn[1]])
credits_ = st.lists(mentions, max_size=5, unique_by=lambda person: person.user_id)


from_the_form = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(WinKind),
        "is_own": st.booleans(),
        "credited": credits_,
        "thanked": credits_,
        "reason": st.tuples(scripts, st.integers(0, MAX_REASON_LENGTH)).map(
            lambda drawn: (drawn[0] * drawn[1])[: drawn[1]]
        ),
        "tags": st.lists(st.sampled_from(["ux", "検索", "τάξη" * 9]), max_size=5, unique=True).map(tuple),
        "url": st.one_of(
            st.none(), st.integers(0, MAX_URL_LENGTH - 20).map(lambda length: f"https://example.com/{'&' * length}")
        ),
        "climb": st.one_of(
            st.none(),
            st.tuples(scripts, st.integers(1, MAX_CLIMB_NAME_LENGTH)).map(
                lambda drawn: ClimbOfWin(7, (drawn[0] * drawn[1])[: drawn[1]])
            ),
        ),
        "source": st.one_of(st.none(), st.just(MessageSource("C0123456789", "1900000000.000001"))),
        "thread_ts": st.sampled_from([None, "1900000000.000000"]),
    }
).map(lambda drawn: drawn | {"credited": tuple(drawn["credited"]), "thanked": tuple(drawn["thanked"])})
"""What a win may have besides its text."""


def link(channel_id: str, ts: str) -> str:
    return f"https://{'a' * 21}.enterprise.slack.com/archives/{channel_id}/p{ts.replace('.', '')}"


@st.composite
def drafts(draw: st.DrawFn) -> Win | None:
    crowd = draw(credits_)
    try:
        draft = parse_win(f"{draw(texts)} {' '.join(person.token for person in crowd)} to the end", crowd)
    except TooLong:
        return None
    author = replace(draw(mentions), is_unnamed=False)
    plain = Win(0, "T1", "C0123456789", author, draft.text, draft.credited, NOW, False, "1900000000.000001", Cheerers())
    if draw(st.booleans()):
        return plain
    more = draw(from_the_form)
    named = {person.user_id for person in plain.credited}
    added = tuple(person for person in more["credited"] if person.user_id not in named)
    win = replace(plain, **more | {"credited": plain.credited + added, "joined": added[1:]})
    gone = win.credited[:1]
    if not gone or gone[0].user_id in {person.user_id for person in win.thanked} or draw(st.booleans()):
        return win
    return replace(win, credited=win.credited[1:], former=gone)


def without_names(win: Win) -> Win:
    """Return a win whose people have all said that they don't want to be named."""
    credited, joined, thanked, former = (
        tuple(replace(person, is_unnamed=True) for person in people)
        for people in (win.credited, win.joined, win.thanked, win.former)
    )
    return replace(win, credited=credited, joined=joined, thanked=thanked, former=former)


NAMED: tuple[Callable[[Win], Win], ...] = (lambda win: win, Win.for_author, without_names)
"""Who is named, when the message is posted or later."""


def assert_can_be_updated(message: Message) -> None:
    assert validate_message(message) == []
    assert len(message["text"].encode()) <= 4000
    assert json_length(message["blocks"]) <= MAX_BLOCKS
    assert not message["text"].endswith("…")


def assert_faces_are_named(message: Message) -> None:
    """Check that the text, too, names those whose faces the blocks show."""
    elements = [element for block in message["blocks"] for element in block.get("elements", [])]
    for image in [element for element in elements if element["type"] == "image"]:
        assert escape(image["alt_text"]) in message["text"]


def composed(wins: Sequence[Win], known: dict[str, str], note: str | None) -> Composition:
    open_wins = [
        OpenWin(
            win.id,
            win.whose[0].user_id,
            NOW,
            0,
            win_size(win, known),
            is_learning=win.kind is WinKind.LEARNING,
            tags=win.tags,
            climb_id=None if win.climb is None else win.climb.id,
        )
        for win in wins
    ]
    return compose(open_wins, day=NOW.date(), starts_on=NOW.date() - timedelta(days=4), note=note_size(note))


@dataclass(frozen=True)
class Week:
    """A week's wins, what people are called in it and later, how many cheer, and a note."""

    wins: list[Win]
    known: dict[str, str]
    later: dict[str, str]
    cheerers: int
    note: str | None


weeks = st.builds(
    Week,
    st.lists(drafts(), max_size=25).map(lambda drawn: [win for win in drawn if win is not None]),
    calls,
    calls,
    st.integers(0, len(user_ids)),
    st.one_of(st.none(), notes),
)


@pytest.mark.timeout(600)  # each example takes up to a second of CPU, three times that on a slow machine
@settings(always_the_same, max_examples=examples(20))
@given(weeks)
def test_a_roundup_can_always_be_updated(week: Week) -> None:
    assert_roundup_can_be_updated(week.wins, week.known, week.later, week.cheerers, week.note)


@pytest.mark.deep
@pytest.mark.timeout(1800)
@settings(always_the_same, max_examples=examples(60))
@given(weeks)
def test_many_roundups_can_always_be_updated(week: Week) -> None:
    assert_roundup_can_be_updated(week.wins, week.known, week.later, week.cheerers, week.note)


def assert_roundup_can_be_updated(
    drawn: list[Win], known: dict[str, str], later: dict[str, str], cheerers: int, note: str | None
) -> None:
    wins = [replace(win, id=number) for number, win in enumerate(drawn)]
    composition = composed(wins, known, note)
    in_thread = Counter(composition.sections.get(win_id, REST) for part in composition.parts[1:] for win_id in part)
    for number, win_ids in enumerate(composition.parts):
        told = [wins[win_id] for win_id in win_ids]
        shown = product(((known, 0), (known, cheerers), (later, len(user_ids))), NAMED)
        for (names, count), named in shown:
            cheered_by = Cheerers.of(user_ids[:count])
            part = RoundupPart(
                channel_id="C0123456789",
                target_channel_id="C9876543210",
                due_at=NOW - timedelta(hours=3),
                next_due_at=NOW + timedelta(days=7),
                zone="America/Argentina/Buenos_Aires",
                is_quiet=False,
                number=number,
                part_count=len(composition.parts),
                win_count=len(wins),
                wins=tuple(replace(named(win), cheered_by=cheered_by) for win in told),
                cheered_by=cheered_by,
                starts_on=composition.starts_on,
                opening=composition.opening,
                note=note,
                note_by=note and user_ids[0],
                section_of=composition.sections,
                steps={win.id: Step(123, is_last=True) for win in told},
                thread=tuple(ThreadSection(each, count, TS) for each, count in in_thread.items()),
            )
            message = roundup(
                ENGLISH, part, names, key=KEY, permalink=link, posted_at=NOW, ts=TS, faces=dict.fromkeys(names, FACE)
            )
            assert_can_be_updated(message)
            assert_faces_are_named(message)
            assert message["text"].count("to the end") == len(told), "no win is cut"
            assert json.dumps(message["blocks"]).count("to the end") == len(told)


@always_the_same
@given(drafts(), calls)
def test_an_announcement_can_always_be_updated(win: Win | None, later: dict[str, str]) -> None:
    for named in NAMED:
        if win is None:
            return
        cheered = replace(named(win), cheered_by=Cheerers.of(user_ids))
        message = announcement(ENGLISH, cheered, later, key=KEY, permalink=link)
        assert_can_be_updated(message)
        assert "to the end" in message["text"]


@always_the_same
@given(drafts(), calls, st.sampled_from(CreditStatus))
def test_what_reaches_the_people_in_a_win_can_always_be_updated(
    win: Win | None, later: dict[str, str], status: CreditStatus
) -> None:
    if win is None:
        return
    told = replace(win, held_until=NOW, cheered_by=Cheerers.of(user_ids))
    about = Credit(told, user_ids[0], status, False, False, None, explains=True, wants_messages=True)
    crowded = ToldChannel("C0123456789", (ToldWin(told, True), ToldWin(told, False)) * 15, Cheerers.of(user_ids))
    notes = [Note(user_ids[0], (crowded,) * count, wants_messages=False) for count in (1, 2, 3, 9)]
    of_a_year_ago = LookBack(told.author.user_id, told.for_author(), "America/Argentina/Buenos_Aires", True)
    for message in (
        look_back(ENGLISH, of_a_year_ago, later, key=KEY, permalink=link),
        credit(ENGLISH, about, later, key=KEY, zone="America/Argentina/Buenos_Aires", permalink=link),
        *(credit_note(ENGLISH, note, later, key=KEY, permalink=link) for note in notes),
    ):
        assert_can_be_updated(message)
        assert "to the end" in message["text"]
