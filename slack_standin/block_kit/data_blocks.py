"""Block Kit limits: tables and charts.

Source: docs.slack.dev/reference/block-kit/blocks/table-block, /data-table-block, /data-visualization-block.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slack_standin.block_kit.elements import ID
from slack_standin.block_kit.rich_text import RICH_TEXT
from slack_standin.block_kit.rules import Flag, ListOf, Number, OneOf, Rule, Shape, String, Typed, problem


@dataclass(frozen=True)
class _Finite:
    """Any number but infinity."""

    above: float = -math.inf

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            yield problem("must be a finite number", at)
        elif value <= self.above:
            yield problem(f"must be more than {self.above:g}", at)


_RAW_TEXT = Shape({"text": String(3000)}, ("text",))
_RAW_NUMBER = Shape({"value": _Finite(), "text": String(3000)}, ("value",))
_CELL = Typed({"raw_text": _RAW_TEXT, "rich_text": RICH_TEXT}, "cell type")
_DATA_CELL = Typed({"raw_text": _RAW_TEXT, "raw_number": _RAW_NUMBER, "rich_text": RICH_TEXT}, "cell type")
_COLUMN = Shape({"align": OneOf(("left", "center", "right")), "is_wrapped": Flag()})


def _even_rows(block: Mapping[str, Any], at: str) -> Iterator[str]:
    rows = block.get("rows")
    widths = {len(row) for row in rows if isinstance(row, list)} if isinstance(rows, list) else set()
    if len(widths) > 1:
        yield problem("rows must have the same number of cells", f"{at}/rows")


def _even_rows_with_a_header(block: Mapping[str, Any], at: str) -> Iterator[str]:
    yield from _even_rows(block, at)
    rows = block.get("rows")
    header = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], list) else []
    for number, cell in enumerate(header):
        if isinstance(cell, dict) and cell.get("type") == "rich_text":
            yield problem("rich_text can't stand in the header", f"{at}/rows/0/{number}")


TABLE = Shape(
    {"block_id": ID, "rows": ListOf(ListOf(_CELL, 1, 20), 1, 100), "column_settings": ListOf(_COLUMN, 1, 20)},
    ("rows",),
    _even_rows,
)
DATA_TABLE = Shape(
    {
        "block_id": ID,
        "caption": String(3000),
        "rows": ListOf(ListOf(_DATA_CELL, 1, 20), 2, 101),
        "page_size": Number(1, 100),
        "row_header_column_index": Number(0, 19),
    },
    ("caption", "rows"),
    _even_rows_with_a_header,
)

_LABEL = String(20)
_POINT = Shape({"label": _LABEL, "value": _Finite()}, ("label", "value"))
_SERIES = Shape({"name": _LABEL, "data": ListOf(_POINT, 1, 20)}, ("name", "data"))
_AXES = Shape(
    {"categories": ListOf(_LABEL, 1, 20), "x_label": String(50), "y_label": String(50)}, required=("categories",)
)


def _points_for_categories(chart: Mapping[str, Any], at: str) -> Iterator[str]:
    """Every series has one value for each category, in their order, and a name of its own."""
    config, series = chart.get("axis_config"), chart.get("series")
    if not isinstance(config, dict) or not isinstance(series, list):
        return
    lines = [line for line in series if isinstance(line, dict) and isinstance(line.get("data"), list)]
    for number, line in enumerate(lines):
        labels = [point.get("label") for point in line["data"] if isinstance(point, dict)]
        if labels != config.get("categories"):
            yield problem("labels must match the categories", f"{at}/series/{number}/data")
    names = [str(line.get("name")) for line in lines]
    if len(set(names)) < len(names):
        yield problem("names of series must be unique", f"{at}/series")


_LINES: Mapping[str, Rule] = {"series": ListOf(_SERIES, 1, 6), "axis_config": _AXES}
_DRAWN = Shape(_LINES, ("series", "axis_config"), _points_for_categories)
_SEGMENT = Shape({"label": _LABEL, "value": _Finite(above=0)}, ("label", "value"))
_CHART = Typed(
    {
        "pie": Shape({"segments": ListOf(_SEGMENT, 1, 6)}, ("segments",)),
        "bar": _DRAWN,
        "area": _DRAWN,
        "line": _DRAWN,
    },
    "chart type",
)
DATA_VISUALIZATION = Shape({"block_id": ID, "title": String(50), "chart": _CHART}, ("title", "chart"))
