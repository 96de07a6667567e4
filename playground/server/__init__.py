"""The playground's page: a small workspace in a browser, with the stand-in Slack and the real bot behind it.

`stage` runs Slack and the bot, `feed` notices what changes, `acts` does what people do on the page, `server` serves it.
The page itself is written in ../page and built into static/.
"""
