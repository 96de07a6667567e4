"""The bot in the burst: the real one, which serves more workspaces than the one of its settings."""

import json
import os


def main() -> None:
    from bot import app, config

    app.run(config.load(), more_tokens=json.loads(os.environ["MORE_TOKENS"]))


if __name__ == "__main__":
    main()
