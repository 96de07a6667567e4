"""Chaos: the bot is killed, paused, starved and lied to from outside, and what Slack has is compared with what was due.

`make chaos` runs the rows of docs/reliability.md, `make chaos-table` prints what they reached.
"""
