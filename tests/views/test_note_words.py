"""The note a day after a roundup speaks to its reader."""

from dataclasses import replace

from bot.domain.credit_notes import Note, ToldChannel, told_win
from bot.domain.wins import Cheerers, Mention, Win, WinKind
from bot.views.credit_note import credit_note
from bot.views.translations import ENGLISH
from tests.views.sample_data import NOW, link

ANA, BEN = Mention("UANA", "ana"), Mention("UBEN", "ben")
NAMES = {"UANA": "Ana", "UBEN": "Ben"}
OWN = Win(1, "T1", "C1", ANA, "shipped search", (), NOW, False, "1900000000.000001", Cheerers())
CHEERED = replace(OWN, id=2, cheered_by=Cheerers.of(["UBEN"]))


def to_ana(*wins: Win) -> list[str]:
    """The lines of a note to Ana about these wins."""
    told = tuple(told_win(win, ANA.user_id, was_told=False) for win in wins)
    note = Note(ANA.user_id, (ToldChannel("C1", told, Cheerers()),), wants_messages=True)
    text: str = credit_note(ENGLISH, note, NAMES, key="k", permalink=link)["text"]
    return text.splitlines()


def test_the_readers_own_win_is_theirs_and_those_of_others_have_their_names() -> None:
    others = replace(CHEERED, id=3, author=BEN, credited=(ANA,))
    lines = to_ana(CHEERED, others)
    assert "• *You:* shipped search" in lines
    assert "• *Ben:* shipped search" in lines


def test_a_win_that_someone_saved_for_the_reader_is_theirs() -> None:
    assert "• *You:* shipped search" in to_ana(replace(CHEERED, author=BEN, is_own=False, credited=(ANA,)))


def test_a_win_of_the_reader_and_another_has_both_names() -> None:
    assert "• *Ana and Ben:* shipped search" in to_ana(replace(CHEERED, is_own=False, credited=(ANA, BEN)))


def test_what_the_reader_learned_is_theirs() -> None:
    assert "• :seedling: *You learned:* shipped search" in to_ana(replace(CHEERED, kind=WinKind.LEARNING))


def test_what_no_one_cheered_comes_after_the_rest_whoever_wrote_it() -> None:
    assert "You're in this one, too:" in to_ana(CHEERED, OWN)
    assert "You're in these, too:" in to_ana(CHEERED, OWN, replace(OWN, id=4))
