"""A win in someone's own words: what is found in it, and what can't be one."""

import unicodedata

import pytest
import regex
from babel import Locale, localedata
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.markup import mention_token, with_names
from bot.domain.wins import (
    MAX_LENGTH,
    Draft,
    Empty,
    InvalidWin,
    Mention,
    OnlyPeople,
    TooLong,
    looks_like_win,
    parse_win,
)

ANA, BEN = Mention("U0ANA", "ana"), Mention("U0BEN", "ben")
always_the_same = settings(derandomize=True, database=None, deadline=None)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("fixed it #quality", ("quality",)),
        ("#quality first", ("quality",)),
        ("#Quality and #QUALITY again", ("quality",)),
        ("#b then #a", ("b", "a")),
        ("(#in-brackets), #with_underscore.", ("in-brackets", "with_underscore")),
        ("#größe #日本語 #שלום", ("größe", "日本語", "שלום")),
        ("closed #123 and #4_5", ()),
        ("#1st place, #2030-plan", ("1st", "2030-plan")),
        ("C# and F# and a#b", ()),
        ("##twice", ()),
        ("# alone and #- and #!", ()),
        ("&#39; and &#x27;", ()),
        ("https://example.test/#anchor and https://example.test/a#b", ()),
        ("path/#no", ()),
        ("#trailing- dash", ("trailing",)),
        ("no tags at all", ()),
    ],
)
def test_tags_are_found_in_the_order_they_were_written(text: str, tags: tuple[str, ...]) -> None:
    assert parse_win(text, []).tags == tags


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://example.test/a?b=1&c=2", "https://example.test/a?b=1&c=2"),
        ("(https://example.test)", "https://example.test"),
        ("https://example.test/a, and http://second.test", "https://example.test/a"),
        ("at https://example.test/a.b.", "https://example.test/a.b"),
        ("https://en.wikipedia.org/wiki/Ada_(language)", "https://en.wikipedia.org/wiki/Ada_(language)"),
        ("example.test is no link", None),
        ("ftp://example.test is none either, nor javascript:alert(1)", None),
        ("https:// alone", None),
    ],
)
def test_the_first_link_is_found(text: str, link: str | None) -> None:
    assert parse_win(text, []).url == link


def test_a_link_of_punctuation_alone_is_no_link() -> None:
    assert parse_win("wrote https://... somewhere", []).url is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\t ",
        "\u3164",
        "\u2800",
        "\u115f",
        "\ufe0f",
        "\U000e0041",
        "\u200b",
        "\u2060",
        "\ufeff",
        "\u202e",
        "\u00ad",
        "\u00a0",
    ],
)
def test_what_nobody_can_see_is_empty(text: str) -> None:
    with pytest.raises(Empty) as refused:
        parse_win(text, [])
    assert refused.value.text == text.strip()


@pytest.mark.parametrize("text", ["🎉", ":tada:", "x", "תודה", "👩‍👩‍👧‍👦", "!", "1", "日"])
def test_one_sign_that_can_be_seen_is_enough(text: str) -> None:
    assert parse_win(text, []).text == text


@pytest.mark.parametrize("text", ["<@U0ANA>", " <@U0ANA>  <@U0BEN> ", "<@U0ANA>\n<@U0BEN>", "<@U0ANA> \u200b"])
def test_only_people_is_refused_and_given_back_with_their_names(text: str) -> None:
    with pytest.raises(OnlyPeople) as refused:
        parse_win(text, [ANA, BEN])
    assert "@ana" in refused.value.text
    assert "U0ANA" not in refused.value.text


JOINED = [
    ", ",
    " / ",
    " & ",
    " + ",
    " → ",
    "、",
    " and ",
    " AND ",
    " or ",
    " together with ",
    " und ",
    " et ",
    " y ",
    " e ",
    " og ",
    " och ",
    " ja ",
]
JOINED += [
    " i ",
    " és ",
    " ve ",
    " dan ",
    " và ",
    " и ",
    " та ",
    " και ",
    " עם ",
    " و ",
    " और ",
    " และ ",
    "と",
    "さんと",
    "さん、",
    "님 하고 ",
    "和",
    " 하고 ",
]
JOINED += [" by ", ", also ", " as well as ", " 'n' ", " cc ", " \u2067و\u2069 ", "さんまたは"]
GROUPS = ["@here", "@channel", "@everyone", "@crew", "@no-such.name", "@crew@ops"]


@pytest.mark.parametrize("joined", JOINED)
def test_what_stands_between_people_says_not_what_they_did(joined: str) -> None:
    for text in (f"<@U0ANA>{joined}<@U0BEN>", f"with <@U0ANA>{joined}<@U0BEN>!", f"(<@U0ANA>)\u00a0{joined} @crew ..."):
        with pytest.raises(OnlyPeople):
            parse_win(text, [ANA, BEN])
        assert parse_win(f"{text} shipped", [ANA, BEN])


def test_no_language_joins_names_with_a_deed() -> None:
    languages = [name for name in localedata.locale_identifiers() if not regex.search("_([A-Z]{2}|[0-9]{3})$", name)]
    lists = [Locale.parse(name).list_patterns for name in languages]
    patterns = {
        pattern
        for each in lists
        for style, parts in each.items()
        if not style.startswith("unit")
        for pattern in parts.values()
    }
    assert len(patterns) > 200
    for pattern in patterns:
        with pytest.raises(OnlyPeople):
            parse_win(pattern.format("<@U0ANA>", "<@U0BEN>"), [ANA, BEN])


@pytest.mark.parametrize("kind", ["Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Zs"])
def test_no_punctuation_is_a_deed(kind: str) -> None:
    signs = [chr(number) for number in range(0x3000) if unicodedata.category(chr(number)) == kind]
    for sign in signs:
        with pytest.raises(OnlyPeople):
            parse_win(f"{sign}<@U0ANA>{sign} <@U0BEN> {sign}", [ANA, BEN])


@pytest.mark.parametrize("group", GROUPS)
def test_groups_are_people_too(group: str) -> None:
    for text in (group, f"{group}!", f"<@U0ANA>, {group}", f"{group} & {group}"):
        with pytest.raises(OnlyPeople) as refused:
            parse_win(text, [ANA])
        assert group in refused.value.text
    assert parse_win(f"told {group}", [ANA])
    assert parse_win(f"a{group}.test 1", []), "an e-mail address is no group"


@pytest.mark.parametrize("deed", ["1", "🎉", ":tada:", "#quality", "<https://a.test>", "x", "日", "€"])
def test_people_with_anything_else_are_a_win(deed: str) -> None:
    assert parse_win(f"<@U0ANA>, <@U0BEN> and @crew {deed}", [ANA, BEN])


@pytest.mark.parametrize("text", ["and", "with & und", "...", "+1"])
def test_without_people_nothing_is_only_people(text: str) -> None:
    assert parse_win(text, []).text == text


def test_people_with_a_word_or_an_emoji_are_a_win() -> None:
    assert parse_win("<@U0ANA> <@U0BEN> 🎉", [ANA, BEN]).credited == (ANA, BEN)
    assert parse_win("thanks <@U0ANA>", [ANA]).text == "thanks <@U0ANA>"
    assert parse_win("thanks <@U0ANA> and <@U0ANA>", [ANA, ANA]).credited == (ANA,)


def test_the_length_counts_people_as_their_names_were_typed() -> None:
    assert parse_win("x" * (MAX_LENGTH - len(" @ana")) + " <@U0ANA>", [ANA]).credited == (ANA,)
    long_id = Mention("U" + "0" * 31, "a")
    assert parse_win("x" * (MAX_LENGTH - 3) + " " + long_id.token, [long_id]).credited == (long_id,)
    with pytest.raises(TooLong):
        parse_win("x" * (MAX_LENGTH - 2) + " " + long_id.token, [long_id])
    nameless = Mention("U0ANA")
    with pytest.raises(TooLong) as refused:
        parse_win("x" * 500 + " <@U0ANA>", [nameless])
    assert refused.value.text == "x" * 500 + " @U0ANA"


def test_500_characters_fit_and_501_do_not_whatever_they_are() -> None:
    for one in ("x", "&", "<", "🎉", "א", "\u0301"):
        assert parse_win("a" + one * 499, []).text == "a" + one * 499
        with pytest.raises(TooLong) as refused:
            parse_win("a" + one * 500, [])
        assert refused.value.text == "a" + one * 500


def test_space_around_a_win_is_dropped_and_space_within_is_kept() -> None:
    assert parse_win("\n  one\n\n  two \t", []).text == "one\n\n  two"


def test_names_take_the_place_of_marks() -> None:
    assert with_names("<@U0ANA> and <@U0BEN>", {"U0ANA": "ana", "U0BEN": "ben"}) == "@ana and @ben"
    assert with_names("<@U0ANA>, <@U0ANA>'s and (<@U0ANA>)", {"U0ANA": "ana"}) == "@ana, @ana's and (@ana)"
    assert with_names("<@U0ANA>", {}) == "<@U0ANA>"
    assert with_names("<@U0AN>", {"U0ANA": "ana"}) == "<@U0AN>"
    assert with_names("<@U1> <@U12>", {"U1": "one", "U12": "twelve"}) == "@one @twelve"
    assert with_names("<@U1>", {"U1": r"\1 \g<0>"}) == r"@\1 \g<0>"
    assert with_names("<@U1> <@U2>", {"U1": "<@U2>", "U2": "two"}) == "@<@U2> @two", "a name is not read as a mark"


@given(st.text(max_size=600), st.lists(st.integers(0, 3), max_size=4))
@always_the_same
def test_no_text_breaks_a_draft(text: str, who: list[int]) -> None:
    people = [Mention(f"U{number}", f"p{number}") for number in who]
    written = " ".join([text, *(mention_token(person.user_id) for person in people)])
    labels = {person.user_id: str(person.name) for person in people}
    made, refusal = drafted(written, people)
    if refusal is not None:
        assert refusal.text == with_names(written.strip(), labels)
    if made is not None:
        assert made.text == written.strip()
        assert {person.user_id for person in made.credited} == set(labels)
        assert len(set(made.tags)) == len(made.tags)
        assert all(made.tags)
        assert made.url is None or made.url in made.text


def drafted(text: str, people: list[Mention]) -> tuple[Draft | None, InvalidWin | None]:
    try:
        return parse_win(text, people), None
    except InvalidWin as refusal:
        return None, refusal


@pytest.mark.parametrize("text", ["fixed it", "! fixed it", "🎉", "+1", "#q", "直した", "<https://a.test>", "x" * 21])
def test_what_may_be_a_win(text: str) -> None:
    assert looks_like_win(text, [])


@pytest.mark.parametrize("text", ["", "?", "...", "- -", "setpu", "re-sume", "x" * 501, "<@U0ANA> and @crew"])
def test_what_looks_like_a_mistyped_command_or_is_no_win(text: str) -> None:
    assert not looks_like_win(text, [ANA])
