"""What the ticker wakes: the order in which due roundups are written down."""

from bot.scheduling.jobs import in_turns


def test_no_workspace_waits_until_another_is_through() -> None:
    due = [("T1", "C1"), ("T1", "C2"), ("T1", "C3"), ("T2", "C4"), ("T3", "C5"), ("T2", "C6")]
    assert in_turns(due) == [("T1", "C1"), ("T2", "C4"), ("T3", "C5"), ("T1", "C2"), ("T2", "C6"), ("T1", "C3")]
    assert in_turns([]) == []
