"""A figure of reliability.md section 3: what was measured of ours and of its floor, and whether the goal is met."""

from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass
class Figure:
    """One line of the table. `ours` and `floor` hold one number for each round; a ratio compares their medians."""

    row: int
    what: str
    database: str
    against: str
    unit: str
    goal: float
    at_least: bool = False
    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Ours, as a multiple of the floor."""
        return median(self.ours) / median(self.floor)

    @property
    def is_met(self) -> bool:
        """Whether the ratio reaches the goal."""
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    def to_json(self) -> dict[str, Any]:
        """All of it, for the results file."""
        return {
            "row": self.row,
            "what": self.what,
            "database": self.database,
            "against": self.against,
            "unit": self.unit,
            "ours": self.ours,
            "floor": self.floor,
            "ratio": self.ratio,
            "goal": self.goal,
            "at_least": self.at_least,
            "is_met": self.is_met,
        }


HEAD = ("row", "figure", "database", "ours", "floor", "ratio", "goal", "", "ours by round")


def table(figures: list[Figure]) -> str:
    """Show the figures, met or not."""
    lines = [HEAD, *(_line(figure) for figure in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _line(figure: Figure) -> tuple[str, ...]:
    return (
        str(figure.row),
        f"{figure.what}, against {figure.against}",
        figure.database,
        f"{_number(median(figure.ours))} {figure.unit}",
        f"{_number(median(figure.floor))} {figure.unit}",
        f"{figure.ratio:.3f}",
        f"{'>=' if figure.at_least else '<='} {figure.goal}",
        "met" if figure.is_met else "NOT MET",
        " ".join(_number(value) for value in figure.ours),
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
