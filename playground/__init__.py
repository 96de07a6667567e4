"""A place to try the whole bot without a Slack account: a stand-in Slack, and weeks to play in it.

Only `launcher` knows the bot, and only to start it as a process of its own.
"""
