"""Row 1: how long one person waits for the ack of a /win that is stored, over HTTP."""

from tests.bench.children import Bench
from tests.bench.figures import Figure

ROWS = (1,)
GOALS = {"sqlite": 0.15, "postgresql": 0.25}


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    """Measure Bolt's default ack, which waits for nothing and polls for the answer, and ours, which is durable."""
    figures = {
        kind: Figure(1, "durable /win, p50, one at a time", kind, "Bolt's default ack, no storage", "ms", GOALS[kind])
        for kind in bench.kinds
    }
    for _ in range(rounds):
        with bench.bolt(process_before_response=False) as floor:
            measured = bench.load(floor, seconds=3.0, warm_up=1.0).p50
        for kind, figure in figures.items():
            figure.floor.append(measured)
            with bench.winsome(bench.team_database(kind)) as ours:
                figure.ours.append(bench.load(ours, seconds=3.0, warm_up=1.0).p50)
    return list(figures.values())
