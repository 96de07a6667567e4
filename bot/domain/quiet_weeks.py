"""Which prompt the line of a quiet week ends with."""

from datetime import date

PROMPT_COUNT = 24


def choose_prompt(day: date, last: int | None) -> int:
    """Return the number (from 0) of the prompt for a local date; never that of the `last` quiet line."""
    chosen = day.toordinal() // 7 % PROMPT_COUNT
    return (chosen + 1) % PROMPT_COUNT if chosen == last else chosen
