"""Every view is one that Slack takes, says all of it in its text as well, and can ping no one."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.audit_log import AuditAction, AuditEntry
from bot.domain.channel_settings import WorkspaceDefaults
from bot.domain.credit import CreditStatus
from bot.domain.credited_wins import CreditedWin, WinsOfOthers
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.offers import Offer
from bot.domain.owner_alerts import StuckDelivery
from bot.domain.permissions import ChannelRoles
from bot.domain.roundup_composition import MAX_WINS
from bot.domain.roundups import RoundupPart
from bot.domain.slack_errors import ErrorMeaning
from bot.domain.win_size import json_length, win_size
from bot.domain.wins import MAX_LENGTH, Cheerers, Draft, Empty, Mention, OnlyPeople, TooLong, Win, parse_win
from bot.outbox import render
from bot.views import ephemeral, my_wins, owner_alert
from bot.views.announcement import announcement
from bot.views.format import MAX_BLOCKS_CHARACTERS, MAX_TEXT_BYTES, Message, text_length
from bot.views.offer import offer
from bot.views.roundup import roundup
from bot.views.settings_change import change_notice
from bot.views.translations import ENGLISH, Translations
from slack_standin.block_kit.validation import validate_message
from tests import pings
from tests.examples import examples
from tests.views.credit_samples import of_credit
from tests.views.edition_samples import of_editions
from tests.views.samples import of_roundups

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
some = settings(max_examples=examples(50), derandomize=True, database=None, deadline=None)
"""The same examples each time: a view is either valid or not."""
KEY = "0123456789abcdef0123456789abcdef"
EVIL = [
    "<!channel>",
    "<!here|here>",
    "<@U012AB>",
    "@here",
    "<!subteam^S1>",
    "<https://evil.test|https://slack.com>",
    "<http://a.test?&&&|a.test?&&&>",
    "https://evil.test/<!channel>",
    "&lt;!channel&gt;",
    "&" * 40,
    "*bold*\n*Ana:* no",
    "\u202eevil\u202c",
    "א" * 30,
    "🎉" * 40,
    "```",
    ">>> quote",
    "x" * 80,
    "https://example.test/?a=1&b=2)",
]

texts = st.one_of(
    st.text(max_size=60), st.sampled_from(EVIL), st.lists(st.sampled_from(EVIL), max_size=6).map(" ".join)
).map(lambda text: text[:MAX_LENGTH])
words = texts.map(lambda text: f"did {text}")
names = st.one_of(st.none(), st.sampled_from(EVIL), st.text(max_size=80), st.sampled_from(["ana", "Ben Okafor"]))
user_ids = st.integers(1, 40).map("U{:03}".format)
people = st.dictionaries(user_ids, names.map(lambda name: name or ""), max_size=12)
mentions = st.builds(Mention, user_ids, names)
credits_ = st.lists(mentions, max_size=6, unique_by=lambda person: person.user_id).map(tuple)
cheers = st.lists(user_ids, max_size=8, unique=True).map(Cheerers.of)
moments = st.integers(1_600_000_000, 2_100_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


@st.composite
def wins(draw: st.DrawFn) -> Win:
    credited = draw(credits_)
    return Win(
        id=draw(st.integers(1, 10**12)),
        team_id="T1",
        channel_id=draw(st.sampled_from([None, "C1"])),
        author=draw(mentions),
        text=" ".join([draw(words), *(person.token for person in credited)]),
        credited=credited,
        created_at=draw(moments),
        is_undone=False,
        message_ts=draw(st.sampled_from([None, "1900000000.000001"])),
        cheered_by=draw(cheers),
    )


@st.composite
def parts(draw: st.DrawFn) -> RoundupPart:
    told = tuple(draw(st.lists(wins(), min_size=0, max_size=4)))
    of = draw(st.integers(1, 40))
    return RoundupPart(
        channel_id="C1",
        target_channel_id=draw(st.sampled_from(["C1", "C2"])),
        due_at=NOW - timedelta(hours=draw(st.sampled_from([0, 1, 500]))),
        next_due_at=draw(st.sampled_from([None, NOW + timedelta(days=7)])),
        zone=draw(st.sampled_from(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Pacific/Chatham"])),
        is_quiet=not told and draw(st.booleans()),
        number=draw(st.integers(0, of - 1)),
        part_count=of,
        win_count=len(told) + draw(st.sampled_from([0, 1, 10_000])),
        wins=told,
        cheered_by=draw(cheers),
    )


def link(channel_id: str, ts: str) -> str:
    return f"https://acme.slack.com/archives/{channel_id}/p{ts.replace('.', '')}"


# What a reader finds in a message


def said_in(text: str) -> list[str]:
    """The words of a text that a reader sees, whatever stands around them."""
    text = re.sub(r"<([^<>|]*)\|([^<>]*)>", r"\1 \2", text)
    return re.findall(r"[^\W_]+", text)


def texts_of(block: dict[str, Any]) -> list[str]:
    """The texts of a block, those on its buttons apart."""
    match block["type"]:
        case "section" | "header":
            return [block["text"]["text"]]
        case "context":
            return [element["alt_text" if element["type"] == "image" else "text"] for element in block["elements"]]
        case "data_visualization":
            points = [point for series in block["chart"]["series"] for point in series["data"]]
            return [block["title"], *(f"{point['label']} {point['value']}" for point in points)]
        case "actions" | "divider":
            return []
        case other:
            raise AssertionError(f"what does {other} say?")


def size(message: Message, limit: int) -> int:
    """How long the text is in the unit of its limit: bytes where it can be updated, characters where it can't."""
    return len(message["text"].encode()) if limit == MAX_TEXT_BYTES else len(message["text"])


def is_said_twice(message: Message, limit: int = MAX_TEXT_BYTES) -> bool:
    """Whether the text says, in the same order, every word that the blocks say."""
    if message["text"].endswith("…") and size(message, limit) > limit - 100:  # cut, with what stood half
        return True
    if re.search(r"^(:tada: |More wins )", message["text"], re.MULTILINE):  # whose win it is stands below its words
        in_blocks = Counter(word for text in whole_texts(message) for word in said_in(text))
        return not in_blocks - Counter(said_in(message["text"]))
    in_text = iter(said_in(message["text"]))
    return all(word == "sparkles" or word in in_text for text in whole_texts(message) for word in said_in(text))


def whole_texts(message: Message) -> Iterator[str]:
    """The texts of a message's blocks: words given back in pieces put together, a last word that was cut left out."""
    given_back = ""
    for block in message["blocks"]:
        for text in texts_of(block):
            if block["type"] == "section" and block["text"]["type"] == "plain_text":
                given_back += text
                continue
            yield given_back
            given_back = ""
            yield text.rpartition(" ")[0] if text.endswith("…") else text
    yield given_back


def assert_good(message: Message, *, posted: bool = False, as_typed: bool = False, limit: int = MAX_TEXT_BYTES) -> None:
    """`as_typed` holds for what gives people their own words back, for them alone."""
    assert validate_message(message) == []
    assert message["text"].strip()
    assert is_said_twice(message, limit), "the text says all that the blocks say"
    assert size(message, limit) <= limit
    assert pings.problems(message, posted=False) == []
    if posted:
        assert (
            pings.problems({**message, "parse": "none", "unfurl_links": False, "unfurl_media": False}, posted=True)
            == []
        )
    if not as_typed:
        everything = json.dumps(message, ensure_ascii=False)
        assert not re.search("[\u202a-\u202e\u2066\u2067\u200e\u200f\u061c]", everything), "it turns what follows"


WORDS: dict[str, Callable[[Translations], Message]] = {
    "already cheered": lambda t: ephemeral.already_cheered(t, KEY),
    "cheer counted": ephemeral.cheer_counted,
    "cheer taken back": ephemeral.cheer_taken_back,
    "cheer on one's own win": ephemeral.own_win,
    "cannot post here": lambda t: ephemeral.cannot_post_here(t, is_group=False),
    "cannot post in a group": lambda t: ephemeral.cannot_post_here(t, is_group=True),
    "gone": ephemeral.win_not_found,
    "unknown workspace": ephemeral.unknown_workspace,
    "already handled": ephemeral.already_handled,
    "saved but not shown": ephemeral.saved_but_not_shown,
    "nobody listens": ephemeral.unhandled,
    "only in channels": lambda t: ephemeral.only_in_channels(t, "pause"),
    "form did not open": ephemeral.modal_failed_to_open,
    "form is not ours": ephemeral.form_was_tampered_with,
    "accident": lambda t: ephemeral.internal_error(t, "0a1b2c3d"),
    "no database": lambda t: ephemeral.database_unavailable(t, may_be_saved=False, is_lost=False),
    "no answer": lambda t: ephemeral.database_unavailable(t, may_be_saved=True, is_lost=False),
    "another database": lambda t: ephemeral.database_unavailable(t, may_be_saved=False, is_lost=True),
    "no wins": lambda t: my_wins.my_wins(t, [], {}, zone="UTC", permalink=link, now=NOW),
    "nothing to read": lambda t: ephemeral.explain_invalid_win(t, Empty("")),
}


@pytest.mark.parametrize("name", WORDS)
def test_fixed_words_are_valid(name: str) -> None:
    assert_good(WORDS[name](ENGLISH))


def test_every_view_of_what_only_one_person_sees_is_tried_here() -> None:
    tried = {"win_saved", "win_undone", "already_undone", "already_cheered", "cheer_counted"}
    tried |= {"cheer_taken_back", "cannot_post_here", "explain_invalid_win", "unknown_subcommand"}
    tried |= {"too_long"}
    tried |= {"win_not_found", "unknown_workspace", "unhandled", "internal_error", "only_in_channels"}
    tried |= {"database_unavailable"}
    tried |= {"being_removed", "may_be_posted", "cannot_be_removed"}
    tried |= {"modal_failed_to_open", "form_was_tampered_with", "already_handled", "saved_but_not_shown"}
    tried |= {"own_win", "takes_no_words", "not_a_command", "with_text_to_copy"}
    made_here = {
        name
        for name, value in vars(ephemeral).items()
        if callable(value) and getattr(value, "__module__", "") == ephemeral.__name__ and not name.startswith("_")
    }
    assert made_here == tried


@some
@given(wins(), people)
def test_an_announcement_is_valid(win: Win, known: dict[str, str]) -> None:
    assert_good(announcement(ENGLISH, win, known, key=KEY, permalink=link), posted=True)


def long_link(channel_id: str, ts: str) -> str:
    """As long as a permalink gets: a workspace's domain has at most 21 characters."""
    return f"https://{'a' * 21}.enterprise.slack.com/archives/C0123456789/p1900000000000001"


@settings(some, max_examples=examples(300))
@given(wins(), people)
def test_a_line_of_a_roundup_takes_no_more_room_than_the_domain_reckons(win: Win, known: dict[str, str]) -> None:
    part = RoundupPart("C1", "C1", NOW, None, "UTC", False, 1, 2, 1, (win,), Cheerers())
    message = roundup(ENGLISH, part, known, key=None, permalink=long_link, posted_at=NOW)
    title, _, line = message["text"].partition("\n")
    assert title.startswith("More wins")
    size = win_size(win, known)
    assert len(line.encode()) + 1 <= size.text
    assert json_length(message["blocks"][1:]) <= size.blocks


def named(message: Message) -> Message:
    """The message as it is read: Slack itself names a channel, only to those who may see it, and tells no one."""
    read: Message = json.loads(re.sub(r"<#C[0-9]>", "place", json.dumps(message)))
    return read


@some
@given(parts(), people)
def test_a_roundup_is_valid(part: RoundupPart, known: dict[str, str]) -> None:
    assert_good(named(roundup(ENGLISH, part, known, key=KEY, permalink=link, posted_at=NOW)), posted=True)


@pytest.mark.parametrize("of_kind", [of_roundups, of_editions, of_credit])
def test_the_text_of_a_roundup_an_edition_and_a_note_has_every_word_of_the_blocks(
    of_kind: Callable[[Translations], Iterator[Message]],
) -> None:
    whole = [message for message in of_kind(ENGLISH) if not message["text"].endswith("…")]
    assert len(whole) > 20
    for message in whole:
        in_blocks = {word for text in whole_texts(message) for word in said_in(text)}
        assert in_blocks - set(said_in(message["text"])) == set(), message["text"]


@some
@given(st.lists(wins(), max_size=4), people, st.sampled_from(["UTC", "Asia/Kolkata"]), st.booleans())
def test_a_list_of_wins_is_valid(told: list[Win], known: dict[str, str], zone: str, with_note: bool) -> None:
    note = ephemeral.win_undone(ENGLISH, told[0], known) if told and with_note else None
    assert_good(
        my_wins.my_wins(ENGLISH, told, known, zone=zone, permalink=link, now=NOW, preface=note),
        as_typed=note is not None,
    )


@some
@given(texts, credits_, st.booleans())
def test_a_saved_win_is_told_in_a_valid_way(text: str, credited: tuple[Mention, ...], is_private: bool) -> None:
    try:
        drafted = parse_win(" ".join(["did", text, *(person.token for person in credited)]), credited)
    except TooLong as refusal:
        assert_good(ephemeral.explain_invalid_win(ENGLISH, refusal), limit=40_000, as_typed=True)
    else:
        assert_good(ephemeral.win_saved(ENGLISH, drafted, 10**12, is_private=is_private))


@some
@given(wins(), people, st.booleans())
def test_an_undone_win_gives_its_words_back_in_a_valid_way(win: Win, known: dict[str, str], remains: bool) -> None:
    still = ephemeral.may_be_posted(ENGLISH) if remains else ""
    assert_good(ephemeral.win_undone(ENGLISH, win, known, remains=still), limit=40_000, as_typed=True)
    assert_good(ephemeral.already_undone(ENGLISH, win, known), limit=40_000, as_typed=True)


@some
@given(texts)
def test_an_unknown_word_is_answered_in_a_valid_way(word: str) -> None:
    assert_good(ephemeral.only_in_channels(ENGLISH, word), as_typed=True)
    for value in (None, word or "x"):
        assert_good(ephemeral.unknown_subcommand(ENGLISH, word, value=value), as_typed=True)
        assert_good(ephemeral.takes_no_words(ENGLISH, "setup", word, value=value), as_typed=True)


@pytest.mark.parametrize("length", [0, 1, 2_999, 3_000, 3_001, 5_000, 39_000, 40_000])
@pytest.mark.parametrize("unit", ["x", "&", "<!channel>", "🎉", " ", "\n"])
@pytest.mark.parametrize("refusal", [TooLong, OnlyPeople])
def test_words_of_any_length_are_given_back_in_a_valid_way(
    refusal: type[TooLong] | type[OnlyPeople], unit: str, length: int
) -> None:
    words = (unit * length)[:length]
    for message in (
        ephemeral.explain_invalid_win(ENGLISH, refusal(words)),
        ephemeral.internal_error(ENGLISH, "0a1b2c3d", text=words),
        ephemeral.unknown_workspace(ENGLISH, text=words),
    ):
        assert_good(message, limit=40_000, as_typed=True)


@pytest.mark.parametrize("typed", ["", "  ", "\n", "\u200b"])
def test_nothing_is_given_back_where_nothing_was_typed(typed: str) -> None:
    refusal = ephemeral.own_win(ENGLISH)
    assert ephemeral.with_text_to_copy(ENGLISH, refusal, typed) == refusal


def test_even_200_000_characters_are_refused_in_a_valid_way() -> None:
    assert_good(ephemeral.explain_invalid_win(ENGLISH, TooLong("word " * 40_000)), limit=40_000)


@pytest.mark.parametrize("evil", EVIL)
def test_whatever_somebody_is_called_stays_a_name(evil: str) -> None:
    ana = Mention("U1", evil)
    win = Win(
        1,
        "T1",
        "C1",
        ana,
        "did it with <@U2> and <@U3>",
        (Mention("U2", evil), Mention("U3")),
        NOW,
        False,
        None,
        Cheerers.of(["U1", "U4"]),
    )
    part = RoundupPart("C1", "C1", NOW, NOW, "UTC", False, 0, 1, 1, (win,), Cheerers.of(["U1", "U4"]))
    setup = WorkspaceDefaults().default_settings(zone="UTC", today=NOW.date())
    lets = replace(setup, manager_ids=frozenset({"U2", "U3"}))
    change = AuditEntry(1, "T1", "C1", "U1", AuditAction.SETTINGS_CHANGED, setup.to_json(), lets.to_json(), NOW, NOW)
    asked = Offer("C1", "U4", setup, NOW, False, ChannelRoles(creator="U1"), has_saved_win=True)
    for known in ({}, {"U1": evil, "U2": evil, "U3": evil, "U4": evil}):
        for told in (
            announcement(ENGLISH, win, known, key=KEY, permalink=link),
            roundup(ENGLISH, part, known, key=KEY, permalink=link, posted_at=NOW),
            my_wins.my_wins(ENGLISH, [win], known, zone="UTC", permalink=link, now=NOW),
            ephemeral.win_saved(ENGLISH, Draft(win.text, win.credited, (), None), 1, is_private=False),
            change_notice(ENGLISH, change, known, channel_id="C1", now=NOW),
            offer(ENGLISH, asked, known, now=NOW),
        ):
            assert_good(told)
            shown = json.dumps(told["blocks"], ensure_ascii=False)
            assert "\\n*Ana:* no" not in shown, "a name does not begin a line of its own"


def test_the_longest_of_everything_still_fits() -> None:
    names = {f"U{number:03}": "&" * 80 for number in range(200)}
    crowd = tuple(Mention(user_id, "a") for user_id in list(names)[:100])
    text = " ".join(person.token for person in crowd) + " " + "&" * 95
    cheerers = Cheerers.of(names)
    win = Win(10**12, "T1", "C1", Mention("U199", "&" * 80), text, crowd, NOW, False, "1900000000.000001", cheerers)
    assert_good(announcement(ENGLISH, win, names, key=KEY, permalink=link), posted=True)
    part = RoundupPart(
        *("C1", "C2", NOW, NOW, "America/Argentina/Buenos_Aires", False, 0, 1_000, 10**9, (win,) * MAX_WINS),
        cheerers,
    )
    assert_good(
        named(roundup(ENGLISH, part, names, key=KEY, permalink=link, posted_at=NOW + timedelta(days=400))), posted=True
    )
    assert_good(my_wins.my_wins(ENGLISH, [win] * 10, names, zone="UTC", permalink=link, now=NOW), limit=40_000)
    short = replace(win, text="did it", credited=crowd[:3])
    for each in (win, short):
        listed, asked = ([CreditedWin(each, "U000", status)] * 5 for status in (CreditStatus.NAMED, CreditStatus.ASKED))
        others = WinsOfOthers(listed, asked, has_more_asked=True, is_complete=False)
        shown = my_wins.my_wins(ENGLISH, [each] * 10, names, zone="UTC", permalink=link, now=NOW, others=others)
        assert_good(shown, limit=40_000)
        assert text_length(shown["blocks"]) <= MAX_BLOCKS_CHARACTERS
        assert json.dumps(shown["blocks"]).count("share_listed_win") >= 4, "they come first"
    drafted = Draft("@U000 " * 80, crowd, ("&" * 50,) * 9, None)
    assert_good(ephemeral.win_saved(ENGLISH, drafted, 1, is_private=False))


states = st.sampled_from(DeliveryState)
errors = st.one_of(st.none(), st.sampled_from(["not_in_channel", "is_archived", "msg_too_long", *EVIL]))


@st.composite
def matters(draw: st.DrawFn) -> StuckDelivery:
    due_at = draw(st.one_of(st.none(), moments))
    kind = DeliveryKind.ANNOUNCEMENT if due_at is None else DeliveryKind.ROUNDUP
    return StuckDelivery(
        *(KEY, kind, "C1", draw(states), draw(errors), due_at, draw(st.sampled_from([None, "Europe/Berlin"]))),
        refusal=draw(st.sampled_from([None, *ErrorMeaning])),
    )


@pytest.mark.parametrize("said", [owner_alert.decision_noted, owner_alert.already_resolved, owner_alert.not_your_alert])
def test_what_a_button_of_an_owner_alert_answers_is_valid(said: Callable[[Translations], Message]) -> None:
    assert_good(said(ENGLISH))


def test_what_is_posted_forbids_parsing_and_unfurling() -> None:
    said = {"text": "x", "blocks": []}
    assert render._without_parsing(said)["parse"] == "none"
