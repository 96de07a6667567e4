"""Use cases: one function for each thing that Winsome does, called by every way in."""
