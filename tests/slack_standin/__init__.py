"""Tests of the stand-in Slack, over real sockets with the real clients."""
