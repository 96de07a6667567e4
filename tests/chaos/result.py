"""What a row came to, kept as a file, and the table that is made of those files."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path("chaos-results")
NO_DATABASE = "none"
"""Stands for the kind of database where a row needs none."""
ORDER = (
    "kills",
    "notes_and_editions",
    "points",
    "pauses",
    "acks",
    "postgres",
    "start",
    "zones",
    "clock",
    "outage",
    "neighbours",
    "lag",
    "socket",
    "disk",
    "contention",
    "odd_answers",
    "flood",
    "slow_names",
    "skew",
    "clock_back",
    "stalled",
    "unwritable",
    "machine",
)


@dataclass(frozen=True)
class Result:
    """The numbers of one row on one database; `met` says whether its goal is. `note` says what a number can't."""

    scenario: str
    database: str
    seed: int
    size: float
    goal: str
    is_met: bool
    numbers: Mapping[str, float]
    seconds: float = 0.0
    note: str = ""

    @property
    def rerun_command(self) -> str:
        """The command that runs just this again."""
        database = "" if self.database == NO_DATABASE else f" DB={self.database}"
        return f"make chaos ROW={self.scenario}{database} SEED={self.seed} SIZE={self.size:g}"

    def summary(self) -> str:
        """The result in one line."""
        numbers = ", ".join(f"{name} {value:,.10g}" for name, value in self.numbers.items())
        met = "met" if self.is_met else "NOT MET"
        return f"{self.scenario} on {self.database}: {met} - {numbers} ({self.seconds:.0f} s)"

    def save(self, folder: Path = FOLDER) -> None:
        """Keep it, in place of what the row came to before."""
        folder.mkdir(exist_ok=True)
        path = folder / f"{self.scenario}-{self.database}.json"
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")


def load_results(folder: Path = FOLDER) -> list[Result]:
    """Return what is kept, in the order of the table."""
    results = [Result(**json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]
    return sorted(results, key=lambda result: ORDER.index(result.scenario))


def table(results: Iterable[Result]) -> str:
    """Return the results as a table in Markdown."""
    lines = ["| row | database | size | goal | met | what came of it | seconds |", "|---|---|---|---|---|---|---|"]
    for result in results:
        numbers = ", ".join(f"{name} {value:,.10g}" for name, value in result.numbers.items())
        notes = f"{numbers}. {result.note}" if result.note else numbers
        met = "yes" if result.is_met else "**no**"
        lines.append(
            f"| {result.scenario} | {result.database} | {result.size:g} | {result.goal} | {met} | {notes} "
            f"| {result.seconds:.0f} |"
        )
    return "\n".join(lines)
