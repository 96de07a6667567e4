"""Tags: whole words in every script, in one form."""

import unicodedata

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.tags import find_tags

always_the_same = settings(derandomize=True, database=None, deadline=None)
OTHER_WIDTH = "".join(map(chr, range(0xFF10, 0xFFDD)))
WORDS = {
    "Latin": "qualité",
    "Vietnamese": "chấtlượng",
    "German": "größe",
    "Catalan": "col·laboració",
    "Greek": "ποιότητα",
    "Cyrillic": "качество",
    "Armenian": "որակ",
    "Hebrew with points": "שָׁלוֹם",
    "Hebrew initials": "צה״ל",
    "Arabic with marks": "جَوْدَة",
    "Persian": "می‌خواهم",
    "Urdu": "معیار",
    "Hindi": "हिन्दी",
    "Bengali": "বাংলা",
    "Punjabi": "ਪੰਜਾਬੀ",
    "Gujarati": "ગુજરાતી",
    "Tamil": "தமிழ்",
    "Telugu": "తెలుగు",
    "Kannada": "ಕನ್ನಡ",
    "Malayalam": "മലയാളം",
    "Sinhala": "ශ්‍රී",
    "Thai": "คุณภาพที่ดี",
    "Lao": "ຄຸນນະພາບ",
    "Khmer": "ខ្មែរ",
    "Burmese": "မြန်မာ",
    "Tibetan": "བོད་སྐད",
    "Georgian": "ხარისხი",
    "Amharic": "ጥራት",
    "Korean": "품질",
    "Japanese": "クオリティー・アップ",
    "Chinese": "質量",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ",
    "N'Ko": "ߒߞߏ",
    "French": "aujourd'hui",
    "Irish": "o'connor",
    "Ukrainian": "комп'ютер",
    "Uzbek": "o'zbek",
    "Breton": "c'hwec'h",
    "Hebrew initials as typed": 'צה"ל',
    "Hebrew with an apostrophe": "צ'ק",
    "Adlam": "𞤀𞤣𞤤𞤢𞤥",
}


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_tag_is_a_whole_word_in_every_script_and_form(word: str, form: str) -> None:
    expected = unicodedata.normalize("NFC", word.lower())
    typed = unicodedata.normalize(form, word)  # type: ignore[arg-type]
    assert find_tags(f"did #{typed}, and again ＃{word}.") == (expected,)


@always_the_same
@given(
    st.text(
        st.characters(categories=["L", "M"], max_codepoint=0x2FFFF, exclude_characters=OTHER_WIDTH),
        min_size=1,
        max_size=30,
    )
)
def test_no_letter_and_no_mark_ends_a_tag(letters: str) -> None:
    if regex.match(r"\p{L}", letters):
        (tag,) = find_tags(f"#{letters} done")
        shown = regex.sub(r"(?![\u200c\u200d])\p{Default_Ignorable_Code_Point}|[\u0f0b\u0f0c\u00b7]+$", "", letters)
        assert unicodedata.normalize("NFD", tag) == unicodedata.normalize(
            "NFD", unicodedata.normalize("NFC", shown).replace("İ", "i").lower()
        )


@pytest.mark.parametrize("number", ["#123", "#१२३", "#١٢٣", "#４５", "#4_5", "#️⃣", "#\u0301x", "#🎉", "#", "#-", "#_"])
def test_numbers_emoji_and_marks_alone_are_no_tags(number: str) -> None:
    assert find_tags(f"closed {number} today") == ()


def test_a_long_tag_is_whole_and_what_shows_nothing_does_not_end_one() -> None:
    assert find_tags("#" + "é" * 200) == ("é" * 200,)
    assert find_tags("#qua\u00adli\u2060ty\ufe0f and #quality") == ("quality",)
    assert find_tags("#in-two- #in・二・") == ("in-two", "in・二")


def test_an_apostrophe_is_one_however_it_was_typed() -> None:
    assert find_tags("#комп’ютер #комп'ютер #o‘zbek #o’zbek") == ("комп'ютер", "o'zbek")
    assert find_tags("#team's #team’s '#quoted' ‘#other’, #rock'n'roll' \"#end\"") == (
        *("team", "quoted", "other", "rock'n'roll", "end"),
    )


def test_wide_and_narrow_letters_are_the_usual_ones() -> None:
    assert find_tags("＃ＱＡ２ #qa2 #ﾊﾟｽ #パス #ﾡ #\u1100") == ("qa2", "パス", "ᄀ")


def test_the_turkish_capital_is_no_other_letter() -> None:
    assert find_tags("#İstanbul #istanbul #I\u0307stanbul") == ("istanbul",)
