"""The playground's page: a small workspace in a browser, with the stand-in Slack and the real bot behind it.

`server` serves the page and its WebSocket, `commands` and `interactions` do what people do on it.
The page itself is written in ../page and built into static/.
"""
