"""Who reads the name of someone who isn't named in a win: its author, and they themselves."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.wins import Cheerers, Mention, Win

BEN, CHLOE = Mention("UBEN", "ben", is_unnamed=True), Mention("UCHLOE", "chloe", is_unnamed=True)
NOW = datetime(2030, 3, 4, tzinfo=UTC)
WIN = Win(
    1, "T1", "C1", Mention("UANA"), "did it", (BEN,), NOW, False, None, Cheerers(), joined=(BEN,), thanked=(BEN, CHLOE)
)
DMITRI = Mention("UDMITRI", "dmitri", is_unnamed=True)


def named(win: Win) -> list[str]:
    return [each.user_id for each in (*win.credited, *win.joined, *win.thanked, *win.former) if not each.is_unnamed]


def test_the_author_reads_every_name() -> None:
    assert named(WIN) == []
    assert named(WIN.for_author()) == ["UBEN", "UBEN", "UBEN", "UCHLOE"]


def test_who_is_in_it_no_longer_is_read_by_its_author_and_themselves() -> None:
    win = replace(WIN, former=(DMITRI,))
    assert named(win) == []
    assert named(win.for_author())[-1] == "UDMITRI"
    assert named(win.for_person("UDMITRI")) == ["UDMITRI"]
    assert "UDMITRI" not in win.user_ids


def test_someone_in_a_win_reads_their_own_name() -> None:
    assert named(WIN.for_person("UBEN")) == ["UBEN"] * 3
    assert named(WIN.for_person("UDMITRI")) == []
    known = replace(WIN, thanked=(Mention("UCHLOE"),))
    assert named(known.for_person("UBEN")) == ["UBEN", "UBEN", "UCHLOE"], "who is named stays named"
