"""The newer blocks as text: charts, cards, containers, plans; plain.py knows the rest."""

from collections.abc import Iterable, Mapping
from typing import Any

Part = Mapping[str, Any]


def chart_lines(block: Part) -> list[str]:
    """A chart as its title and one line for each segment or series."""
    chart = block["chart"]
    if chart["type"] == "pie":
        return [block["title"], *(f"{each['label']}: {each['value']:g}" for each in chart["segments"])]
    return [
        block["title"],
        *(f"{line['name']}: {_points(line['data'])}" for line in chart["series"]),
    ]


def task_lines(block: Part) -> list[str]:
    """A task, or a plan with its tasks."""
    own = f"{block['title']} ({block['status']})" if "status" in block else block["title"]
    return [own, *(line for task in block.get("tasks", []) for line in task_lines(task))]


def table_rows(block: Part) -> list[list[Part]]:
    """The cells of a table, numbers as text."""
    return [[_cell(cell) for cell in row] for row in block["rows"]]


def card_parts(block: Part) -> list[Part]:
    """The texts of a card, a container or an alert, from top to bottom."""
    return [block[name] for name in ("rich_text_title", "title", "subtitle", "text", "body") if name in block]


def children(block: Part) -> list[Part]:
    """The blocks within a container or a carousel."""
    return [*block.get("child_blocks", []), *(block["elements"] if block["type"] == "carousel" else [])]


def _points(data: Iterable[Part]) -> str:
    return ", ".join(f"{point['label']} {point['value']:g}" for point in data)


def _cell(cell: Part) -> Part:
    if cell["type"] == "raw_number":
        return {"type": "raw_text", "text": cell.get("text", f"{cell['value']:g}")}
    return cell
