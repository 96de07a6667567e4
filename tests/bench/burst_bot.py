"""The bot in the burst: the real one, which serves more workspaces than the one of its settings.

MORE_TOKENS is the path of a file with their tokens.
"""

import json
import os
from pathlib import Path


def main() -> None:
    from bot import app, config

    app.run(config.load(), more_tokens=json.loads(Path(os.environ["MORE_TOKENS"]).read_text()))


if __name__ == "__main__":
    main()
