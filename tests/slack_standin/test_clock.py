"""The clock moves forward, and other processes follow it through a file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slack_standin import Clock


def near(one: datetime, other: datetime) -> bool:
    return abs(one - other) < timedelta(seconds=2)


def test_it_shows_real_time_until_it_is_moved() -> None:
    clock = Clock()
    assert near(clock.now(), datetime.now(UTC))
    clock.move_by(timedelta(hours=5))
    assert near(clock.now(), datetime.now(UTC) + timedelta(hours=5))


def test_it_goes_back_only_by_force() -> None:
    clock = Clock()
    past = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="forward only"):
        clock.move_to(past)
    clock.move_to(past, force=True)
    assert near(clock.now(), past)


def test_it_takes_aware_times_only() -> None:
    with pytest.raises(ValueError, match="aware"):
        Clock().move_to(datetime(2030, 1, 1))  # noqa: DTZ001  # the point of the test


def test_the_file_follows_every_move(tmp_path: Path) -> None:
    file = tmp_path / "offset"
    clock = Clock(file)
    assert not file.exists()
    clock.move_by(timedelta(minutes=1, microseconds=5))
    assert float(file.read_text()) == 60.000005
    assert Clock(file).offset == clock.offset
    assert [each.name for each in tmp_path.iterdir()] == ["offset"]


def test_a_moment_that_has_come_by_itself_is_no_way_back() -> None:
    clock = Clock()
    before = clock.now()
    clock.move_on(before)
    assert clock.offset == timedelta()
    clock.move_on(before + timedelta(days=1))
    assert clock.now() >= before + timedelta(days=1)
