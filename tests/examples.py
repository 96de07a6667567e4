"""How many examples Hypothesis tries of a property."""

from hypothesis import settings

ALL = 100
"""What it tries with --deep, where a test does not say."""
USUAL = 30
"""What it tries otherwise."""


def examples(number: int) -> int:
    """Return `number` with --deep, and otherwise the same share of it as of all others; at least one."""
    return max(1, round(number * settings().max_examples / ALL))
