"""One module for each row of the table: `run` wreaks its kind of havoc and returns what came of it."""
