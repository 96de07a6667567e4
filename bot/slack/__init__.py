"""Slack's API as the bot uses it: clients by workspace, errors, outcomes, rate limits, payloads and views."""
