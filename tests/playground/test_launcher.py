"""The launcher starts the bot with settings of its own."""

import re

from playground import launcher
from tests.project.paths import PROJECT


def test_no_setting_of_a_bot_in_a_real_workspace_reaches_the_playgrounds() -> None:
    names = re.findall(r"^(?:# )?([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE)
    assert {"SLACK_BOT_TOKEN", "WINS_PER_HOUR", "SLACK_API_URL"} <= set(names)
    assert launcher.without_settings(dict.fromkeys(names, "1") | {"PATH": "/bin"}) == {"PATH": "/bin"}
