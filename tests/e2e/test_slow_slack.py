"""A Slack that takes its time: everyone who waits is answered within its three seconds, and not refused before that."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app import Timing
from bot.domain.permissions import Action
from bot.services import user_directory
from bot.services.user_directory import UserDirectory, Waited
from bot.slack import deadline
from bot.views import settings_form as view
from slack_standin.model.rate_limits import Tier
from tests.e2e.test_who_may import ENTRY_POINTS, scene
from tests.team import BUSY, FRIDAY_16_BERLIN, SLOWER, TIMING, Team, shows, team

ASKED = ("users.info", "users.conversations", "conversations.info")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a request to Slack last as long as for real people: what ends it sooner is the time of what they do."""
    monkeypatch.setattr("tests.team.TIMING", replace(TIMING, request_timeout=Timing().request_timeout))


async def test_a_second_for_each_question_is_no_reason_to_refuse(team_url: str) -> None:
    """A second of life: here everything is slower by the same factor, so that a busy machine has its share too."""
    async with team(team_url) as made:
        made.configure(made.general, made.ana)
        for method in ASKED:
            made.slack.fault(method, "slow", seconds=SLOWER, times=None)
        assert "Roundups are paused until April 1" in await made.says(made.ana, "/wins pause 1 april")


async def test_a_form_is_filled_in_although_each_question_takes_a_second(team_url: str) -> None:
    async with team(team_url) as made:
        for method in ASKED:
            made.slack.fault(method, "slow", seconds=SLOWER, times=None)
        await made.slack.slash(made.ana, made.general, "/wins setup")
        await made.slack.wait_for(lambda: "How often" in opened(made))


async def test_a_form_that_takes_longer_than_the_acknowledgement_comes_all_the_same(team_url: str) -> None:
    async with team(team_url, ack_timeout=BUSY) as made:
        # Together longer than the 2.6 after which the bot acknowledges, and each well within its own limit.
        made.slack.fault("views.open", "slow", seconds=0.6)
        made.slack.fault("users.info", "slow", seconds=0.8)
        made.slack.fault("views.update", "slow", seconds=1.5, effect="before")
        answer = await made.slack.slash(made.ana, made.general, "/wins setup")
        assert answer.error is None
        await made.slack.wait_for(lambda: "How often" in opened(made))


async def test_a_form_that_broke_says_so_where_it_would_have_been(
    team_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("no form today")

    monkeypatch.setattr(view, "form", broken)
    async with team(team_url) as made:
        answer = await made.slack.slash(made.ana, made.general, "/wins setup")
        assert answer.error is None
        reference = re.search("Error ID: ([0-9a-f]{8})", opened(made))
        assert reference
        assert reference[1] in [getattr(record, "reference", None) for record in caplog.records]


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
async def test_slack_that_tells_nothing_delays_no_answer(team_url: str, entry_point: str) -> None:
    assert not await answered_in_time(team_url, entry_point, hang=(*ASKED, "response_url"))


@pytest.mark.parametrize(
    "entry_point",
    [entry_point for entry_point, (act, _) in ENTRY_POINTS.items() if act not in (Action.SEE, Action.OVERSEE)],
)
async def test_slack_that_shows_nothing_delays_no_answer_and_what_is_done_is_done(
    team_url: str, entry_point: str
) -> None:
    assert await answered_in_time(team_url, entry_point, hang=("views.update", "views.publish", "response_url"))


def opened(made: Team) -> str:
    """What the modal says that Ana has before her."""
    shown = made.slack.modal(made.ana)
    assert shown is not None
    return shows(shown)


async def answered_in_time(team_url: str, entry_point: str, *, hang: tuple[str, ...]) -> bool:
    """Let an admin do something while some of Slack's methods never answer; whether they got it."""
    async with team(team_url, ack_timeout=BUSY) as made:
        attempt = await ENTRY_POINTS[entry_point][1](await scene(made))
        await made.it_is(made.clock.now() + timedelta(minutes=2))  # what Slack said of Ana is too old by then
        begun = len(made.slack.ledger.deliveries())
        for method in hang:
            made.slack.fault(method, "hang", times=None)
        got_through = await attempt("admin")
        assert {sent.error for sent in made.slack.ledger.deliveries()[begun:]} == {None}
        return got_through


async def test_a_roundup_does_not_wait_for_names_and_is_updated_when_they_come(team_url: str) -> None:
    async with team(team_url) as made:
        await made.says(made.ana, "/win with cheers")
        announced = await made.sees("ana: with cheers")
        await made.records(announced)
        made.slack.fault("users.info", "slow", seconds=8, times=None)
        for person in (made.ben, made.chloe):
            await made.slack.react(person, made.general, announced.ts, "tada")
        await made.it_is(FRIDAY_16_BERLIN)
        roundup = await made.sees_roundup(1)
        assert "Cheered by Someone and Someone" in roundup.plain()
        await made.slack.wait_for(lambda: "Cheered by ben and chloe" in roundup.plain())


@pytest.mark.parametrize("emoji", ["tada", "trophy"])
async def test_reactions_leave_most_of_slack_s_limit_to_those_who_act(team_url: str, emoji: str) -> None:
    """Also those with the channel's emoji for wins, for which Slack is asked who the author and the person are."""
    async with team(team_url, is_configured=False) as made:
        made.configure(made.general, made.ana, win_emoji="trophy")
        made.slack.limits.per_minute = dict.fromkeys(Tier, 1000000) | {Tier.FOUR: 100}
        made.slack.limits.posts_per_second = 1000.0
        made.slack.limits.enabled = True
        crowd = [made.slack.add_person(f"p{number}") for number in range(160)]
        made.general.members += [person.id for person in crowd]
        await made.says(made.ana, "/win with many cheers")
        announced = await made.sees("ana: with many cheers")
        await made.records(announced)
        for person in crowd:
            message = announced if emoji == "tada" else await made.slack.say(person, made.general, "shipped")
            await made.slack.react(person, made.general, message.ts, emoji, wait=False)
        await made.it_is(FRIDAY_16_BERLIN)
        await made.sees_roundup(1)
        assert "Roundups are paused until" in await made.says(made.ana, "/wins pause 1 april")
        assert not [call for call in made.slack.ledger.calls("users.info") if call.status == 429]


async def test_a_name_that_comes_while_a_message_is_read_is_in_it(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lookup that began elsewhere (with the press) ends just before the message asks for it."""
    wait_for = UserDirectory.wait_for

    async def wait_after_another_lookup(self: UserDirectory, team_id: str, user_ids: Iterable[str]) -> Waited:
        wanted = list(user_ids)
        await self.get(team_id, wanted)
        return await wait_for(self, team_id, wanted)

    monkeypatch.setattr(UserDirectory, "look_up_soon", lambda *_: None)
    monkeypatch.setattr(UserDirectory, "wait_for", wait_after_another_lookup)
    async with team(sqlite_url) as made:
        await made.says(made.ana, "/win fixed the build")
        announced = await made.sees("ana: fixed the build")
        await made.slack.press(made.ben, announced, action_id="cheer")
        await made.slack.wait_for(lambda: "Cheered by ben" in announced.text)


async def test_a_win_waits_for_no_one_whom_slack_s_limit_keeps_waiting(
    team_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with team(team_url, ack_timeout=40.0) as made:
        monkeypatch.setattr(user_directory, "WAIT_SECONDS", 20.0)
        monkeypatch.setattr(deadline, "RESPONSE_BUDGET", 20.0)
        crowd = [made.slack.add_person(f"p{number}") for number in range(45)]
        made.general.members += [person.id for person in crowd]
        made.slack.add_person("robot", is_bot=True)
        told = await made.says(made.ana, "/win fixed the build with @robot and @p44")
        assert "With p44\n" in f"{told}\n" or "With p44 ·" in told, "there is room to ask who is a bot"
        for first in (0, 15, 30):
            names = " ".join(f"@p{number}" for number in range(first, first + 15))
            answer = await made.slack.slash(made.ana, made.general, f"/win thanks to {names}")
            assert answer.error is None
            assert answer.elapsed < 10
