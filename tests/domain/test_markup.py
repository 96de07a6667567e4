"""The stored text of a win: people and addresses are tokens, everything else is as it was written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.markup import (
    find_short_urls,
    find_urls,
    only_people,
    render,
    url_token,
    with_names,
    with_tokens,
    without_people,
)

always_the_same = settings(derandomize=True, database=None, deadline=None)
urls = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="<>|"), min_size=1, max_size=30).map(
    "https://{}".format
)
# Without what would be taken for a token itself.
around = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<>:@"), max_size=20)


@always_the_same
@given(st.lists(urls, min_size=1, max_size=4), st.lists(around, min_size=5, max_size=5))
def test_what_slack_marks_is_the_address_whole_and_nothing_more(marked: list[str], between: list[str]) -> None:
    text = between[0] + "".join(url_token(url) + after for url, after in zip(marked, between[1:], strict=False))
    assert find_urls(text) == marked
    assert with_names(text, {}) == between[0] + "".join(
        url + after for url, after in zip(marked, between[1:], strict=False)
    )
    assert render(text, {}, render_plain=lambda _: "", render_url=lambda url, _: f"[{url}]") == "".join(
        f"[{url}]" for url in marked
    )


@pytest.mark.parametrize(
    ("url", "label", "token"),
    [
        ("http://main.py", "main.py", "<http://main.py|main.py>"),
        ("http://example.com/a", "example.com/a", "<http://example.com/a|example.com/a>"),
        ("https://example.com", "example.com", "<https://example.com>"),
        ("http://evil.test", "slack.com", "<http://evil.test>"),
        ("http://a.test/<b>", "a.test/<b>", "<http://a.test/%3Cb%3E>"),
        ("http://", "", "<http://>"),
    ],
)
def test_a_label_is_kept_if_it_is_the_address_that_was_typed(url: str, label: str, token: str) -> None:
    assert url_token(url, label) == token


def test_an_address_typed_without_its_scheme_is_read_as_it_was_typed() -> None:
    text = "fixed <http://main.py|main.py>, see <https://a.test>"
    assert with_names(text, {}) == "fixed main.py, see https://a.test"
    assert find_urls(text) == ["http://main.py", "https://a.test"]
    assert find_short_urls(text) == ["http://main.py"]


def test_a_label_that_someone_typed_is_no_label() -> None:
    assert with_names("<http://evil.test|slack.com>", {}) == "<http://evil.test|slack.com>"


def test_what_would_end_a_token_is_encoded() -> None:
    assert url_token("https://a.test/<b>|c d\u2028") == "<https://a.test/%3Cb%3E%7Cc%20d%E2%80%A8>"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("“https://example.com/docs”", "https://example.com/docs"),
        ("見て：https://example.com/日本語。次は", "https://example.com/日本語"),
        ("(https://example.com/a_(b))", "https://example.com/a_(b)"),
        ("«https://example.com»", "https://example.com"),
        ("https://example.com/a、https://example.com/b", "https://example.com/a"),
        ("https://example.com/x?y=1&z=2!", "https://example.com/x?y=1&z=2"),
    ],
)
def test_an_address_that_nothing_marks_ends_before_the_punctuation(text: str, found: str) -> None:
    assert find_urls(text)[0] == found


@pytest.mark.parametrize("scheme", ["http", "https", "HTTPS", "Http"])
def test_a_scheme_may_have_capitals(scheme: str) -> None:
    assert find_urls(f"see <{scheme}://a.test>, {scheme}://b.test.") == [f"{scheme}://a.test", f"{scheme}://b.test"]


def test_a_name_is_no_address() -> None:
    assert find_urls("<@U1> wrote") == []
    shown = render("<@U1> wrote", {"U1": "https://evil.test"}, render_plain=str, render_url=lambda *_: "linked")
    assert shown == "@https://evil.test wrote"


NAMES = {"U1": "ana", "U2": "ana maria", "U3": "田中", "U4": "ana", "U5": "x(y)*"}


@pytest.mark.parametrize(
    "stored",
    [
        "fixed it with <@U1>, and <@U2>!",
        "<@U1>'s fix, <@U4>'s review",
        "ありがとう<@U3>さんと<@U5>",
        "<@U1><@U2> shipped <http://example.com|example.com>, see <https://a.test/x?y=1>.",
        "<@U9> and @nobody, mail@ana.test",
        "no one",
    ],
)
def test_a_text_that_is_not_edited_is_stored_as_it_was(stored: str) -> None:
    assert with_tokens(with_names(stored, NAMES), stored, NAMES) == stored


def test_an_edited_text_keeps_the_people_who_still_stand_in_it() -> None:
    stored = "fixed it with <@U1> and <@U2>"
    edited = "mail@ana.test: fixed it for @anabel with @ana maria"
    assert with_tokens(edited, stored, NAMES) == "mail@ana.test: fixed it for @anabel with <@U2>"


@pytest.mark.parametrize(
    ("edited", "stored"),
    [
        ("@ana and @ana: fixed", "<@U1> and <@U4>: fixed"),
        ("@ana's review", "@ana's review"),
        ("@ana, @ana and @ana with @田中", "@ana, @ana and @ana with <@U3>"),
    ],
)
def test_a_name_of_two_people_is_no_one_s_once_it_is_not_clear_whose(edited: str, stored: str) -> None:
    assert with_tokens(edited, "<@U1>'s fix, <@U4>'s review with <@U3>", NAMES) == stored


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fixed it with <@U1>, and then <@U2>!", "f  <@U1>,  <@U2>!"),
        ("昨日<@U3>さんと<@U5><@U1>が", "昨日<@U3>さ と<@U5><@U1>が"),
        ("<https://a.test/x><@U1>", "h x<@U1>"),
    ],
)
def test_of_a_text_its_people_are_kept_and_what_they_touch(text: str, found: str) -> None:
    assert only_people(text) == found


@always_the_same
@given(st.lists(st.sampled_from([*(f"<@{user_id}>" for user_id in NAMES), " ", "x", "見", ", "]), max_size=12))
def test_what_is_shown_in_a_form_comes_back_as_it_was(pieces: list[str]) -> None:
    stored = "".join(pieces)
    shown = with_names(stored, NAMES)
    assert with_names(with_tokens(shown, stored, NAMES), NAMES) == shown
    assert with_tokens(shown, only_people(stored), NAMES) == with_tokens(shown, stored, NAMES)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@UBEN> did it", "A:1 did it"),
        ("it was <@UBEN>'s", "it was a:1's"),
        ("Done! <@UBEN> did it\n<@UBEN> too", "Done! A:1 did it\nA:1 too"),
        ("with <@UBEN>, <@UCHLOE> and <@UZED>", "with a:3"),
        ("with <@UBEN><@UCHLOE>", "with a:2"),
        ("<@UBEN> & <@UCHLOE>'s", "A:2'"),
        ("with <@UBEN> or <@UCHLOE>", "with a:1 or a:1"),
        ("<@UBEN>, <@UANA> and <@UCHLOE>", "A:1, <@UANA> and a:1"),
        ("with <@UBEN> and @ben", "with a:1"),
        ("with @Chloe, or @CHLOE Miller", "with a:1, or a:1"),
        ("Ben and Chloe Miller did it, said Chloe", "A:2 did it, said Chloe"),
        ("ben, Benjamin, Ben's, @bench and a@ben", "ben, Benjamin, a:1's, @bench and a@ben"),
        ("see <https://a.test/@ben> and https://a.test/Ben", "see <https://a.test/@ben> and https://a.test/Ben"),
        ("<@UANA> knows", "<@UANA> knows"),
    ],
)
def test_people_are_left_out_of_a_text_by_token_and_by_name(text: str, shown: str) -> None:
    people = {"UBEN": "ben", "UCHLOE": "Chloe Miller", "UZED": "", "UDOT": "."}
    assert without_people(text, people, lambda count, is_at_start: f"{'A' if is_at_start else 'a'}:{count}") == shown
