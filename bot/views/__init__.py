"""All words and all blocks: pure functions from data to Slack messages.

A message is a dict with `blocks` and `text`; the text says all that the blocks say, for screen readers and
notifications.
"""
