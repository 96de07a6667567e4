"""What a process remembers never grows beyond its limit."""

from bot.domain.remembered import Remembered


def test_what_was_set_longest_ago_is_forgotten_first() -> None:
    remembered: Remembered[str, int] = Remembered(limit=2)
    remembered["ana"] = 1
    remembered["ben"] = 2
    remembered["ana"] = 3
    remembered["chloe"] = 4
    assert [remembered.get(name) for name in ("ana", "ben", "chloe")] == [3, None, 4]
    assert len(remembered) == 2
    remembered.forget("ana")
    remembered.forget("nobody")
    assert "ana" not in remembered
    assert "chloe" in remembered
