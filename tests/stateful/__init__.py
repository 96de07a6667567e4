"""A state machine over the whole loop: random steps on the real bot, with a simple model that it must keep to."""

from tests.stateful.running import Report, run

__all__ = ["Report", "run"]
