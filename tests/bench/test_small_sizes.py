"""The benchmarks that fill a database run to their end on small ones too, so that a change can't break them unseen."""

from types import ModuleType
from typing import Any

import pytest

from tests.bench import crowd, home, rush, scale, scrape, search
from tests.bench.children import Bench
from tests.databases import Databases

SIZES: dict[ModuleType, dict[str, int]] = {
    scale: {"FEW_WINS": 40, "MANY_WINS": 80, "FEW_SCHEDULES": 1, "MANY_SCHEDULES": 5, "TIMES": 1},
    search: {"WINS": 2_000, "CHANNELS": 100, "PEOPLE": 50, "PRIVATE": 10, "SEARCHES": 16, "_BATCH": 500},
    home: {"OPENED": 10, "CLIMBS": 100},
    crowd: {"PEOPLE": 200, "TIMES": 1},
    scrape: {"DELIVERIES": 10_000, "SCRAPES": 1},
    rush: {"WORKSPACES": 3, "CHANNELS": 2},
}


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.deep)])
@pytest.mark.parametrize("module", SIZES, ids=lambda module: str(module.__name__).rpartition(".")[2])
def test_a_benchmark_runs(
    module: ModuleType, kind: str, all_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each, sizes in SIZES.items():
        for name, size in sizes.items():
            monkeypatch.setattr(each, name, size)
    slack: dict[str, Any] = {}  # none of these asks it for anything
    figures = module.measure(Bench(slack, all_databases, (kind,)), rounds=1)
    assert figures
    assert all(len(figure.ours) == len(figure.floor) == 1 for figure in figures)
