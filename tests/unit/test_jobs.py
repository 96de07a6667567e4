"""What the ticker wakes: the order in which due roundups are written down."""

from bot.scheduling.jobs import round_robin


def test_no_workspace_waits_until_another_is_through() -> None:
    due = [
        ("T1", "C1", False),
        ("T1", "C2", False),
        ("T1", "C3", False),
        ("T2", "C4", False),
        ("T3", "C5", False),
        ("T2", "C6", False),
    ]
    assert round_robin(due) == [
        ("T1", "C1", False),
        ("T2", "C4", False),
        ("T3", "C5", False),
        ("T1", "C2", False),
        ("T2", "C6", False),
        ("T1", "C3", False),
    ]
    assert round_robin([]) == []
