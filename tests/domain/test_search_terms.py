"""The terms under which a win is found: a text finds what people would call the same words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.search_terms import MARKS, MAX_TERM_LENGTH, fold, tag_term, terms_of_text, terms_of_win
from bot.domain.wins import Mention

FINDS = [
    ("Shipped the Search", "SEARCH"),
    ("Straße fertig", "strasse"),
    ("Ångström café", "angstrom CAFE"),
    ("cafe\u0301", "café"),
    ("Łódź", "lodz"),
    ("don\u2019t panic", "don't"),
    ("roll-out", "roll out"),
    ("release v1.2", "v1.2"),
    ("検索をリリースした", "検索"),
    ("検索をリリースした", "リリース"),
    ("祝リリース", "祝"),
    ("ﾃｽﾄ", "テスト"),
    ("修好了构建", "构建"),
    ("แก้ระบบค้นหาแล้ว", "ค้นหา"),
    ("검색을 배포했어요", "배포"),
    ("בָּנוּ", "בנו"),
    ("المُدَرِّس", "المدرس"),
    ("наш Ёж", "еж"),
    ("ＡＢＣ１２", "abc12"),
    ("shipped 🎉", "🎉"),
    ("launched in 🇩🇪🇫🇷", "🇩🇪"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ("x" * 300, "x" * 300),
    ("हिन्दी में जीत", "जीत"),
]


@pytest.mark.parametrize(("text", "query"), FINDS)
def test_a_text_is_found_by(text: str, query: str) -> None:
    wanted = terms_of_text(query, is_query=True)
    assert wanted
    assert set(wanted) <= set(terms_of_text(text))


@pytest.mark.parametrize(
    ("text", "query"), [("shipped", "ship"), ("検索", "索引"), ("cafés", "cafe"), ("#quality", "equality"), ("a", "")]
)
def test_a_text_is_not_found_by(text: str, query: str) -> None:
    wanted = terms_of_text(query, is_query=True)
    assert not wanted or not set(wanted) <= set(terms_of_text(text))


@given(st.text())
def test_every_query_finds_its_own_text_and_no_term_needs_quotes(text: str) -> None:
    terms = terms_of_text(text)
    assert set(terms_of_text(text, is_query=True)) <= set(terms)
    for term in [*terms, tag_term(text)]:
        assert 0 < len(term) <= MAX_TERM_LENGTH
        assert not any(char.isspace() or char in "'\"\\:\0" for char in term)
        assert all(char.isalnum() or char in MARKS for char in term if char.isascii())
    assert not any(term[0] in MARKS for term in terms), "no word is taken for a person, a tag or a channel"


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert terms_of_text(fold(text)) == terms_of_text(text)


def test_a_win_has_the_terms_of_all_that_is_known_of_it() -> None:
    terms = terms_of_win(
        "fixed <@UBEN>'s build <https://git.test/pull/7> #Flaky-Build",
        team_id="T1",
        channel_id="C1",
        author_id="UANA",
        people=[Mention("UBEN", "ben"), Mention("UCHLOE")],
        tags=["flaky-build", "quality"],
        url="https://ci.test/run",
        reason="for the idea",
    )
    assert {"fixed", "bens", "git", "pull", "7", "ci", "run", "idea", "quality"} <= set(terms)
    assert {"#flaky_build", "#quality", "@UANA", "@UBEN", "@UCHLOE", "/C1", "+T1"} <= set(terms)
    assert not {"https", "uben", "uchloe", "t1", "c1"} & set(terms)
