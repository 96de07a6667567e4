"""How requests from Slack come in: over HTTP, over Socket Mode, and what both share before Bolt."""
