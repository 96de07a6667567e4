"""What the ticker wakes: the order in which due roundups are written down."""

from bot.scheduling.jobs import round_robin
from bot.storage.channels import DueChannel


def test_no_workspace_waits_until_another_is_through() -> None:
    due = [
        DueChannel("T1", "C1", False),
        DueChannel("T1", "C2", False),
        DueChannel("T1", "C3", False),
        DueChannel("T2", "C4", False),
        DueChannel("T3", "C5", False),
        DueChannel("T2", "C6", False),
    ]
    assert round_robin(due) == [
        DueChannel("T1", "C1", False),
        DueChannel("T2", "C4", False),
        DueChannel("T3", "C5", False),
        DueChannel("T1", "C2", False),
        DueChannel("T2", "C6", False),
        DueChannel("T1", "C3", False),
    ]
    assert round_robin([]) == []
