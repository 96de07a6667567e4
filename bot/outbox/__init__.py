"""Everything that the bot posts: claimed, intended, posted once, and its answer classified."""
