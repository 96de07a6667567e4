"""Winsome: a Slack bot that catches small wins and gives them back as a roundup."""
