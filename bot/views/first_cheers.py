"""The wins on Home that wait for a first cheer, each with its button. It doesn't say why these are shown."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.wins import Win
from bot.views.cheer_buttons import cheer_listed_win_button
from bot.views.format import Block, Names, header, section
from bot.views.listed_win import listed_win
from bot.views.permalinks import Permalink
from bot.views.translations import Translations


def waiting_for_first_cheer(
    t: Translations, wins: Sequence[Win], names: Names, *, zone: str, permalink: Permalink, now: datetime
) -> list[Block]:
    """Show wins with a button to cheer each, if there are any."""
    if not wins:
        return []
    lines = [listed_win(t, win, names, zone=zone, permalink=permalink, now=now) for win in wins]
    return [
        header(t.gettext("Waiting for a first cheer")),
        *(
            section(line, accessory=cheer_listed_win_button(t, win, names))
            for win, line in zip(wins, lines, strict=True)
        ),
    ]
