"""Use cases: one function for each thing that the bot does, called by every entry point that needs it."""
