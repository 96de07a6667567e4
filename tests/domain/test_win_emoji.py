"""An emoji as people type it, and as Slack names it."""

import pytest

from bot.domain.win_emoji import base_name, parse_emoji


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (":trophy:", "trophy"),
        (" trophy ", "trophy"),
        (":Trophy:", "trophy"),
        (":thumbsup:", "+1"),
        (":+1::skin-tone-3:", "+1"),
        (":e-mail:", "e-mail"),
        (":ロケット:", "ロケット"),
        ("", ""),
        (" ", ""),
        ("::", ""),
        (":trophy: :tada:", None),
        (":trophy::tada:", None),
        ("🏆", None),
        ("<!here>", None),
        ("a" * 101, None),
    ],
)
def test_a_name_is_read_with_colons_or_without(typed: str, name: str | None) -> None:
    assert parse_emoji(typed) == name


@pytest.mark.parametrize(
    ("reaction", "name"),
    [("thumbsup::skin-tone-6", "+1"), ("handshake::skin-tone-2-5", "handshake"), ("trophy", "trophy")],
)
def test_a_reaction_is_told_without_its_skin_tone(reaction: str, name: str) -> None:
    assert base_name(reaction) == name
