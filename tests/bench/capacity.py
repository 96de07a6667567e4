"""Rows 2 and 3: how many /wins a second sixteen people can log, and how long the slowest wait at half of that."""

from tests.bench.children import Bench
from tests.bench.figures import Figure

ROWS = (2, 3)
GOALS = {"sqlite": 0.5, "postgresql": 0.3}
CONCURRENCY = 16
MAX_CONNECTIONS = 64
ACK_LIMIT = 3000.0
"""Milliseconds in which Slack wants its ack."""


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    """Measure Bolt without storage, then ours, and ours again when wins arrive half as often as it can take them."""
    against = "Bolt with process_before_response, no storage"
    capacity = {
        kind: Figure(2, "durable /wins a second, 16 at a time", kind, against, "/s", GOALS[kind], at_least=True)
        for kind in bench.kinds
    }
    slowest = {kind: Figure(3, "p99 at half of that", kind, "Slack's limit", "ms", 0.01) for kind in bench.kinds}
    for _ in range(rounds):
        with bench.bolt(process_before_response=True) as floor:
            measured = bench.load(floor, at_once=CONCURRENCY, seconds=3.0, warm_up=1.0).per_second
        for kind in bench.kinds:
            with bench.winsome(bench.team_database(kind)) as ours:
                reached = bench.load(ours, at_once=CONCURRENCY, seconds=4.0, warm_up=1.0).per_second
                half = bench.load(ours, at_once=MAX_CONNECTIONS, seconds=6.0, warm_up=1.0, rate=reached / 2)
            capacity[kind].floor.append(measured)
            capacity[kind].ours.append(reached)
            slowest[kind].floor.append(ACK_LIMIT)
            slowest[kind].ours.append(half.p99)
    return [*capacity.values(), *slowest.values()]
