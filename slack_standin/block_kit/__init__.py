"""Block Kit: what Slack accepts in blocks, messages and views, and how they read as text."""
