"""Row 7: what the bot's memory holds after 100,000 wins."""

import time

from bot.app import LOCALE_DELAY
from tests.bench.children import Bench
from tests.bench.figures import Figure

ROWS = (7,)
WINS = 100_000
MEGABYTE = 1_000_000


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    """Measure the bot after its first wins, and after many more with nearly all of them still to be announced.

    Once, whatever the `rounds`: memory does not depend on how busy the machine is.
    """
    figures = []
    for kind in bench.kinds:
        figure = Figure(7, "resident memory after 100,000 wins", kind, "itself when empty", "MB", 1.15)
        with bench.winsome(bench.team_database(kind)) as ours:
            bench.load(ours, requests=5)
            time.sleep(LOCALE_DELAY + 1)  # until the locale is loaded, which is no growth
            figure.floor.append(ours.resident / MEGABYTE)
            bench.load(ours, requests=WINS, at_once=16)
            figure.ours.append(ours.resident / MEGABYTE)
        figures.append(figure)
    return figures
