"""The line of a quiet week: each prompt is another one, and none of them blames."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.quiet_weeks import PROMPT_COUNT
from bot.domain.roundups import RoundupPart
from bot.domain.wins import Cheerers
from bot.views.quiet_week import quiet_line
from bot.views.translations import ENGLISH

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)


def test_no_two_quiet_lines_have_the_same_prompt_and_none_blames() -> None:
    part = RoundupPart("C1", "C1", NOW, None, "UTC", True, 0, 1, 0, (), Cheerers())
    plain = quiet_line(ENGLISH, part)["text"]
    lines = [quiet_line(ENGLISH, replace(part, opening=str(number)))["text"] for number in range(PROMPT_COUNT)]
    assert len({*lines, plain}) == PROMPT_COUNT + 1
    for line in lines:
        assert line.startswith(plain)
        assert not re.search(r"\b(nobody|no one shared|missed|forgot|sadly|should)\b", line, re.IGNORECASE)
