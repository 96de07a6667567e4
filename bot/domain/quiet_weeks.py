"""Which prompt the line of a quiet week ends with."""

from datetime import date

PROMPT_COUNT = 24


def choose_prompt(day: date, last: int | None) -> int:
    """Return the number (from 0) of the prompt after that of the `last` quiet line, however often they come.

    The first one of a channel depends on its local date.
    """
    return day.toordinal() // 7 % PROMPT_COUNT if last is None else (last + 1) % PROMPT_COUNT
