"""Commands typed into the wrong place: `/win setup` is asked about, and a win that begins with the word is not."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.commands import Takes, TypedCommand, misplaced_command, read_command
from bot.domain.pause_dates import is_pause
from bot.domain.search_query import looks_like_search

ALONE = ("", "mine", "help", "setup", "preview", "post", "resume", "pause", "preferences")
SUBCOMMANDS: dict[str, Takes] = dict.fromkeys(ALONE, lambda _: False) | {"pause": is_pause, "search": bool}
SIGNS = (
    "{}",
    "{}!",
    "{}?!",
    "{}.",
    "{} …",
    "“{}”",
    "«{}»",
    "¿{}?",
    "¡{}！",
    "{}。",
    "「{}」",
    "{}؟",
    "{}।",
    "- {}",
    "{} !",
)
CASES: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.capitalize,
    lambda word: "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in word),
)
TWICE = ("{}", "/win {}", "/wins {}", "wins {}", "s {}", "/WINS  {}")
MEANT = [
    *((name, name) for name in ALONE if name),
    ("pause 2 weeks", "pause 2 weeks"),
    ("pause until 20 March", "pause until 20 March"),
    ("search flaky build", "search flaky build"),
    ("search #ops <@U1|ana> since March", "search #ops <@U1|ana> since March"),
]


def _name(text: str) -> str:
    return text.partition(" ")[0]


@pytest.mark.parametrize(("typed", "meant"), MEANT)
def test_a_command_is_recognised_with_any_signs_in_any_case_and_typed_twice(typed: str, meant: str) -> None:
    first, _, rest = typed.partition(" ")
    for signs, case, twice in itertools.product(SIGNS, CASES, TWICE):
        text = twice.format(signs.format(f"{case(first)} {rest}".strip()))
        found = misplaced_command(text, SUBCOMMANDS)
        assert found is not None, text
        assert found.name == _name(meant), text
        assert found.rest == meant.removeprefix(_name(meant)).strip(), text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("setpu", "setup"), ("preivew", "preview"), ("serach", "search"), ("hepl", "help"), ("pasue!", "pause")),
        *(("help me", "help"), ("setup please", "setup"), ("Post now!", "post"), ("help me, please", "help")),
        *(("?", "help"), ("!!", "help"), ("--", "help"), ("…", "help"), ("？", "help"), ("--help", "help")),
        *(
            ("undo", ""),
            ("Edit!", ""),
            ("delete please", ""),
            ("settings", "setup"),
            ("STOP", "pause"),
            ("find", "search"),
        ),
        *(("set up", "setup"), ("Set up this channel", "setup"), ("post the roundup", "post"), ("help 🙏", "help")),
        *(("undo my last win", ""), ("pause it please", "pause"), ("list my wins", ""), ("show my wins", "")),
        *(("/wins undo", ""), ("-h", "help"), ("/win help me", "help")),
        *(("/wins", ""), ("wins", ""), ("s", ""), ("/wins?", ""), ("/win /wins", "")),
    ],
)
def test_so_are_slips_and_signs_alone(typed: str, meant: str) -> None:
    assert misplaced_command(typed, SUBCOMMANDS) == TypedCommand(meant, "")


@pytest.mark.parametrize(
    "text",
    [
        *("setup CI for everyone", "Preview the new page", "post mortem written", "resume the nightly build"),
        *("set up CI", "Set up the new channel for the crew", "posted it", "resumed this"),
        *("undo works in the editor", "deleted old code", "edit mode is here", "find ways to say no", "h2 is done"),
        *("pause the music", "help desk is back", "mine the logs", "wins are up", "helped Ben with CI", "s3 is back"),
        *(
            "🎉",
            "👍🏽",
            "✅ done",
            "done",
            "Shipped!",
            "fine",
            "most",
            "merged",
            "released",
            "fixed",
            "host",
            "ポスト",
            "出した。",
        ),
        *("<@U1|ana> setup the build", "#setup done for all", "the post", "set", "up", "1", "please"),
    ],
)
def test_a_win_is_not_asked_about(text: str) -> None:
    assert misplaced_command(text, SUBCOMMANDS) is None


@given(st.text(max_size=60))
def test_what_is_meant_can_be_run(text: str) -> None:
    read_command(text)
    found = misplaced_command(text, SUBCOMMANDS)
    if found is not None:
        assert found.name in SUBCOMMANDS
        assert not found.rest or SUBCOMMANDS[found.name](found.rest)


@pytest.mark.parametrize(
    ("text", "is_search"),
    [
        *(
            (text, True)
            for text in ("search flaky", "Search flaky build", "search #ops since March", "search in <#C1|a>")
        ),
        *(
            (text, True)
            for text in ("search flaky build last week", "search <@U1> flaky #ops 2026", "search since 99/99")
        ),
        *((text, False) for text in ("search is fast now", "Search answers in under 100 ms now #quality")),
        *((text, False) for text in ("search results show who wrote them", "research done")),
    ],
)
def test_a_search_is_told_from_a_win_about_the_search(text: str, *, is_search: bool) -> None:
    assert (misplaced_command(text, SUBCOMMANDS | {"search": looks_like_search}) is not None) is is_search
