"""Looks back: chosen in the settings, posted on the first of the month, once, and made of what was said."""

from typing import Any

import pytest

from tests.e2e.test_setup import opened
from tests.team import Team, shows


async def chooses(made: Team, person: Any, *more: str, channel: Any = None) -> None:
    """Someone chooses in the settings what a channel has beside its roundup."""
    await opened(made, person, channel)
    await made.slack.fill(person, "more", list(more))
    await made.slack.submit(person)
    assert made.slack.modal(person) is None, shows(made.slack.modal(person))


@pytest.mark.every_deployment
async def test_ana_chooses_looks_back_and_the_channel_reads_it(the_team: Team) -> None:
    assert the_team.stored_channel().edition_due_at is None
    await chooses(the_team, the_team.ana, "monthly", "quarterly", "workspace")
    line = await the_team.sees("ana turned on the monthly and quarterly look back.")
    assert "ana let the workspace roundup include this channel's wins." in line.text
    due = the_team.stored_channel().edition_due_at
    assert due is not None
    assert due.isoformat() == "2030-04-01T14:00:00+00:00", "the clocks go forward before"
    view = await opened(the_team, the_team.ben)
    assert "Posts the monthly and quarterly look back." in shows(view)
    assert "The workspace roundup can include this channel's wins." in shows(view)
    await chooses(the_team, the_team.ana, "monthly")
    line = await the_team.sees("ana turned off the quarterly look back.")
    assert "ana took this channel's wins out of the workspace roundup." in line.text
    await chooses(the_team, the_team.ana)
    await the_team.sees("ana turned off the monthly look back.")
    assert the_team.stored_channel().edition_due_at is None


async def test_a_private_channel_is_never_asked_about_the_workspace(the_team: Team) -> None:
    secret = the_team.slack.add_channel(
        "secret", private=True, members=[the_team.ana, the_team.ben], creator=the_team.ana
    )
    await the_team.slack.invite_bot(secret, by=the_team.ana)
    view = await opened(the_team, the_team.ana, secret)
    assert "Look back every month" in shows(view)
    assert "workspace roundup" not in shows(view)


async def test_the_next_look_back_follows_pauses_and_the_bots_absence(the_team: Team) -> None:
    await chooses(the_team, the_team.ana, "monthly")
    due = the_team.stored_channel().edition_due_at
    await the_team.says(the_team.ana, "/wins pause until 2 April")
    await the_team.sees("ana paused roundups until April 2")
    paused = the_team.stored_channel().edition_due_at
    assert due is not None
    assert paused is not None
    assert (due.month, paused.month) == (4, 5), "the look back at March doesn't come"
    await the_team.says(the_team.ana, "/wins resume")
    await the_team.sees("ana resumed roundups.")
    assert the_team.stored_channel().edition_due_at == due
    await the_team.slack.remove_bot(the_team.general)
    await the_team.sees("I was removed from <#", channel=the_team.slack.open_dm(the_team.ana))
    assert the_team.stored_channel().edition_due_at is None
    await the_team.slack.invite_bot(the_team.general, by=the_team.ana)
    await the_team.sees("I'm back in this channel")
    assert the_team.stored_channel().edition_due_at is not None
