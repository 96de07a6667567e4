"""The Home tab: my wins and channels for everyone, and for admins what needs them, each with what fixes it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.audit_log import Unavailability
from bot.storage import audit_log, channels
from bot.storage.database import engine
from slack_standin.delivery import payloads
from tests.team import FRIDAY_16_BERLIN, MONDAY, Team, shows, team

DATE = re.compile(r"<!date\^(\d+)\^")
PEOPLES_CHANNELS = "Your channels"


async def opens_home(made: Team, person: Any) -> Any:
    """Someone opens the Home tab, and sees it."""
    answer = await made.slack.open_home(person)
    assert answer.error is None, answer.error
    view = made.slack.home(person)
    assert view is not None, "a Home was published"
    return view


def part(view: Any, heading: str) -> str:
    """What stands below a heading of a Home, up to the next one."""
    lines: list[str] = []
    is_within = False
    for block in view.blocks:
        if block["type"] == "header":
            is_within = block["text"]["text"] == heading
        elif is_within:
            lines.append(shows_block(block))
    return "\n".join(lines)


def shows_block(block: Any) -> str:
    return "\n".join(part["text"] for part in text_objects(block))


def text_objects(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [found for each in value for found in text_objects(each)]
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("text"), str):
        return [value]
    return [found for each in value.values() for found in text_objects(each)]


def stored(made: Team, work: Callable[..., Any]) -> Any:
    """Do something with the database beside the bot."""
    database = engine(made.database_url, writes=True)
    try:
        with database.begin() as connection:
            return work(connection)
    finally:
        database.dispose()


def is_away(made: Team, channel: Any, why: Unavailability) -> None:
    """Slack has said that the bot can't post in a channel (how it says so is told in tests/e2e/test_lifecycle.py)."""
    stored(
        made,
        lambda connection: channels.mark_unreachable(
            connection, channels.lock(connection, channel.team_id, channel.id), why
        ),
    )


def changes(made: Team) -> list[tuple[str, str | None]]:
    """What the audit log holds of #general, the oldest first: kind and actor."""
    found = stored(
        made,
        lambda connection: audit_log.latest(connection, made.slack.team_id, channel_ids=[made.general.id], limit=50),
    )
    return [(entry.action.value, entry.actor_id) for entry in reversed(found)]


async def forged(made: Team, person: Any, action: str, value: str) -> str:
    """Someone sends a press on their Home that no button of theirs makes; returns what they are told."""
    view = await opens_home(made, person)
    payload = {
        "type": "block_actions",
        "team": {"id": made.slack.team_id, "domain": "acme"},
        "user": {"id": person.id, "team_id": person.team_id},
        "view": view.to_slack(),
        **payloads.trigger(made.slack.world, person, view=view.id),
        "actions": [{"type": "button", "action_id": action, "value": value, "block_id": "b", "action_ts": "1.000001"}],
    }
    answer = await made.slack.deliver_raw(payload, kind="interactive")
    assert answer.error is None, answer.error
    told = made.slack.modal(person)
    assert told is not None, "a refusal is told in a modal"
    await made.slack.close_view(person, everything=True)
    return shows(told)


async def to_friday(made: Team, *, but: str) -> None:
    """Ana's win is announced; then the next post fails in a way that leaves its outcome open; it is Friday, 16:00."""
    await made.says(made.ana, "/win fixed the build")
    await made.sees("ana: fixed the build")
    made.slack.fault("chat.postMessage", but, times=1)  # type: ignore[arg-type]
    await made.it_is(FRIDAY_16_BERLIN)
    await made.sees("Do you see it there?", channel=made.slack.open_dm(made.ana))


@pytest.mark.every_deployment
async def test_everybody_sees_their_wins_with_their_cheers_and_their_channels(the_team: Team) -> None:
    for number in range(7):
        await the_team.says(the_team.ben, f"/win step {number}")
    announced = await the_team.sees("ben: step 6")
    await the_team.slack.press(the_team.chloe, announced, action_id="cheer")
    await the_team.sees("Cheered by chloe")

    view = await opens_home(the_team, the_team.ben)
    wins = part(view, "Your recent wins")
    assert [f"step {number}" in wins for number in range(7)] == [False] * 2 + [True] * 5
    assert "Cheered by chloe" in wins
    assert announced.ts.replace(".", "") in wins
    own = part(view, PEOPLES_CHANNELS)
    assert f"<#{the_team.general.id}>" in own
    assert "Every Friday at 16:00 (Berlin time)" in own
    assert "Friday, March 8 at 10:00 (New York)" in own, "in his own time, where Slack can't show it"
    assert "Needs your attention" not in shows(view)
    assert "All channels" not in shows(view)
    assert "Defaults for new channels" not in shows(view)


async def test_somebody_without_wins_and_channels_is_told_what_to_do(the_team: Team) -> None:
    await the_team.slack.leave(the_team.general, the_team.dmitri)
    view = await opens_home(the_team, the_team.dmitri)
    assert "Log your first" in part(view, "Your recent wins")
    assert "I'm not in any of your channels yet" in part(view, PEOPLES_CHANNELS)


async def test_channels_that_are_off_and_those_without_a_schedule_say_so(the_team: Team) -> None:
    quiet = the_team.slack.add_channel("quiet", members=the_team.everybody)
    await the_team.says(the_team.ben, "/win in a channel without a roundup", quiet)
    await the_team.slack.press(the_team.ana, await opens_home(the_team, the_team.ana), "home_settings", index=0)
    await the_team.slack.fill(the_team.ana, "state", "off")
    await the_team.slack.submit(the_team.ana)

    own = part(await opens_home(the_team, the_team.ben), PEOPLES_CHANNELS)
    assert "Paused. Wins are still saved." in own
    assert "No roundup yet" in own
    assert "Next roundup" not in own


async def test_every_date_on_home_is_the_one_that_fires(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win told on the day that was shown")
    await the_team.sees("ben: told on the day")
    for person in (the_team.ana, the_team.ben):
        view = await opens_home(the_team, person)
        shown = {int(second) for second in DATE.findall(part(view, PEOPLES_CHANNELS))}
        assert shown == {int(FRIDAY_16_BERLIN.timestamp())}
        assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN
    await the_team.it_is(FRIDAY_16_BERLIN - timedelta(seconds=1))
    assert not [text for text in the_team.posts() if "roundup" in text]
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees("Friday's roundup: 1 win")

    view = await opens_home(the_team, the_team.ana)
    next_one = the_team.stored_channel().next_due_at
    assert next_one is not None
    dates = [int(second) for second in DATE.findall(part(view, "All channels"))]
    assert dates == [int(next_one.timestamp()), int(float(roundup.ts))]
    assert f"Next roundup: <!date^{dates[0]}^" in part(view, "All channels")
    assert f"Last roundup: <!date^{dates[1]}^" in part(view, "All channels")


async def test_a_private_channel_is_seen_by_those_who_are_in_it_and_by_no_admin(the_team: Team) -> None:
    secret = the_team.slack.add_channel("launch", private=True, members=[the_team.ben, the_team.chloe])
    the_team.configure(secret, the_team.ben)
    await the_team.says(the_team.ben, "/win nobody else knows", secret)
    await the_team.sees("ben: nobody else knows", channel=secret)

    assert secret.id in shows(await opens_home(the_team, the_team.ben))
    assert secret.id not in shows(await opens_home(the_team, the_team.ana))
    assert secret.id not in str((await opens_home(the_team, the_team.ana)).blocks)
    assert "couldn't be checked" not in shows(await opens_home(the_team, the_team.ana))

    await the_team.slack.join(secret, the_team.ana)
    assert secret.id in part(await opens_home(the_team, the_team.ana), "All channels")
    await the_team.slack.leave(secret, the_team.ana)
    assert secret.id not in str((await opens_home(the_team, the_team.ana)).blocks)


async def test_a_held_roundup_of_a_private_channel_is_no_admins_to_see_or_decide(the_team: Team) -> None:
    secret = the_team.slack.add_channel("launch", private=True, members=[the_team.ben, the_team.chloe])
    the_team.configure(secret, the_team.ben, zone="Europe/Berlin")
    await the_team.says(the_team.ben, "/win nobody else knows", secret)
    await the_team.sees("ben: nobody else knows", channel=secret)
    the_team.slack.fault("chat.postMessage", "http_500_before", times=1)
    await the_team.it_is(FRIDAY_16_BERLIN)
    note = await the_team.sees("Do you see it there?", channel=the_team.slack.open_dm(the_team.ben))

    assert "Needs your attention" not in shows(await opens_home(the_team, the_team.ana))
    key = next(block["elements"][0]["value"] for block in note.blocks if block["type"] == "actions")
    assert "Only channel members can see that" in await forged(the_team, the_team.ana, "post_delivery", key)
    assert "That win was deleted." in await forged(the_team, the_team.ana, "post_delivery", "0123456789")
    assert not [text for text in the_team.posts(secret) if "roundup" in text]


async def test_a_channel_that_an_admin_is_not_in_is_shown_as_long_as_slack_says_that_it_is_public(
    the_team: Team,
) -> None:
    other = the_team.slack.add_channel("other", members=[the_team.ben])
    the_team.configure(other, the_team.ben)
    assert other.id in part(await opens_home(the_team, the_team.ana), "All channels")
    assert other.id not in part(await opens_home(the_team, the_team.ana), PEOPLES_CHANNELS)

    await the_team.it_is(MONDAY + timedelta(hours=2))
    for method in ("users.conversations", "conversations.info"):
        the_team.slack.fault(method, "error", times=None, name="internal_error")
    view = await opens_home(the_team, the_team.ana)
    assert other.id not in str(view.blocks)
    assert "Some channels couldn't be checked" in shows(view)

    the_team.slack.clear_faults()
    other.private = True
    view = await opens_home(the_team, the_team.ana)
    assert other.id not in str(view.blocks)
    assert "couldn't be checked" not in shows(view)


@pytest.mark.parametrize(("action", "says"), [("post_delivery", True), ("delivery_is_there", False)])
async def test_a_held_roundup_is_decided_from_home_and_the_note_follows(
    the_team: Team, action: str, says: bool
) -> None:
    the_team.slack.world.workspaces[the_team.slack.team_id].people[the_team.chloe.id].is_admin = True
    await to_friday(the_team, but="http_500_before")
    note = the_team.slack.posts(the_team.slack.open_dm(the_team.ana))[-1]

    view = await opens_home(the_team, the_team.chloe)
    assert "Do you see it there?" in part(view, "Needs your attention")
    answer = await the_team.slack.press(the_team.chloe, view, action)
    assert answer.error is None
    assert "Needs your attention" not in shows(the_team.slack.home(the_team.chloe))
    await the_team.slack.wait_for(lambda: "It was posted." in note.text)
    assert changes(the_team)[-1] == ("delivery_resolved", the_team.chloe.id)
    assert any("roundup" in text for text in the_team.posts()) is says

    again = await the_team.slack.resend(answer.request)
    assert again.error is None
    assert [kind for kind, _ in changes(the_team)].count("delivery_resolved") == 1


async def test_a_decision_that_somebody_else_made_meanwhile_is_said_to_be_settled(the_team: Team) -> None:
    await to_friday(the_team, but="http_500_before")
    view = await opens_home(the_team, the_team.ana)
    note = the_team.slack.posts(the_team.slack.open_dm(the_team.ana))[-1]
    await the_team.slack.press(the_team.ana, note, "delivery_is_there")
    await the_team.slack.press(the_team.ana, view, "post_delivery")
    assert "already taken care of" in shows(the_team.slack.modal(the_team.ana))
    assert not [text for text in the_team.posts() if "roundup" in text]


async def test_a_parked_roundup_is_posted_from_home_once_its_reason_is_mended(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win fixed the build")
    await the_team.sees("ana: fixed the build")
    the_team.slack.fault("chat.postMessage", "error", times=1, name="restricted_action")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees("don't let me post there", channel=the_team.slack.open_dm(the_team.ana))
    view = await opens_home(the_team, the_team.ana)
    assert "Your workspace settings don't let me post there" in part(view, "Needs your attention")
    assert "was blocked by Slack" in part(view, "All channels")
    await the_team.slack.press(the_team.ana, view, "post_delivery")
    assert "Needs your attention" not in shows(the_team.slack.home(the_team.ana))
    await the_team.sees("Friday's roundup: 1 win")


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (Unavailability.REMOVED, "/invite @Winsome"),
        (Unavailability.ARCHIVED, "Unarchive it, or turn the roundup off"),
        (Unavailability.DELETED, "was deleted"),
    ],
)
async def test_a_channel_that_lost_the_bot_is_switched_off_from_home(
    the_team: Team, why: Unavailability, said: str
) -> None:
    match why:
        case Unavailability.REMOVED:
            await the_team.slack.remove_bot(the_team.general)
        case Unavailability.ARCHIVED:
            await the_team.slack.archive(the_team.general)
        case Unavailability.DELETED:
            await the_team.slack.delete_channel(the_team.general)
    view = await opens_home(the_team, the_team.ana)
    assert said in part(view, "Needs your attention")
    has_link = f"https://acme.slack.com/archives/{the_team.general.id}" in str(view.blocks)
    assert has_link is (why is not Unavailability.DELETED)

    await the_team.slack.press(the_team.ana, view, "home_switch_off")
    assert the_team.slack.modal(the_team.ana) is None
    assert "Needs your attention" not in shows(the_team.slack.home(the_team.ana))
    assert the_team.stored_channel().schedule.is_paused
    assert changes(the_team)[-1] == ("settings_changed", the_team.ana.id)


async def test_a_missing_scope_is_named_with_what_does_not_work_until_it_is_granted(team_url: str) -> None:
    async with team(team_url, starts=False) as made:
        workspace = made.slack.world.workspaces[made.slack.team_id]
        scopes = workspace.scopes
        workspace.install(scopes - {"reactions:read"})
        await made.bot_starts()
        view = await opens_home(made, made.ana)
        assert "I'm missing the `reactions:read`" in part(view, "Needs your attention")
        assert "can't count reactions as cheers" in part(view, "Needs your attention")
        assert "https://api.slack.com/apps" in str(view.blocks)
        assert (await made.slack.press(made.ana, view, "home_link")).error is None

        await made.bot_stops()
        workspace.install(scopes)
        await made.bot_starts()
        assert "Needs your attention" not in shows(await opens_home(made, made.ana))


@pytest.mark.every_deployment
async def test_an_admin_answers_for_a_channel_whose_owner_left(the_team: Team) -> None:
    the_team.configure(the_team.slack.add_channel("other", members=[the_team.ana]), the_team.ana)
    orphan = the_team.slack.add_channel("orphan", members=[the_team.ben, the_team.chloe])
    the_team.configure(orphan, the_team.ben)
    await opens_home(the_team, the_team.ben)  # Winsome knows him
    await the_team.slack.deactivate(the_team.ben)
    view = await opens_home(the_team, the_team.ana)
    assert f"*ben is the contact for <#{orphan.id}>'s roundup*" in part(view, "Needs your attention")
    listed = part(view, "All channels")
    assert listed.index(orphan.id) < listed.index(the_team.general.id), "what needs somebody comes first"

    await the_team.slack.press(the_team.ana, view, "home_take_over")
    assert "Needs your attention" not in shows(the_team.slack.home(the_team.ana))
    assert the_team.stored_channel(orphan).owner_id == the_team.ana.id
    await the_team.sees("ana is now the contact for this channel's roundup", channel=orphan)


async def test_settings_are_opened_from_home_by_who_may_and_seen_by_the_others(the_team: Team) -> None:
    for person, submits in ((the_team.ana, True), (the_team.ben, False)):
        view = await opens_home(the_team, person)
        await the_team.slack.press(person, view, "home_settings")
        form = the_team.slack.modal(person)
        assert form is not None
        assert ("submit" in form.body) is submits
    the_team.configure(the_team.general, the_team.ana, manager_ids=frozenset({the_team.ben.id}))
    view = await opens_home(the_team, the_team.ben)
    assert "Edit settings" in [text["text"] for text in text_objects(view.blocks)]


@pytest.mark.parametrize("action", ["home_switch_off", "home_take_over"])
async def test_a_forged_channel_changes_nothing_and_is_refused_in_words(the_team: Team, action: str) -> None:
    secret = the_team.slack.add_channel("launch", private=True, members=[the_team.chloe])
    the_team.configure(secret, the_team.chloe)
    elsewhere = the_team.slack.add_workspace("Elsewhere")
    stranger = the_team.slack.add_person("eve", workspace=elsewhere)
    theirs = the_team.slack.add_channel("theirs", members=[stranger], workspace=elsewhere)

    def stands() -> list[Any]:
        found = the_team.stored_channel(secret), the_team.stored_channel()
        return [(channel.settings, channel.owner_id, channel.revision) for channel in found]

    before = stands()
    for person, channel_id in (
        (the_team.ana, secret.id),
        (the_team.ana, theirs.id),
        (the_team.ana, "C0NOWHERE"),
        (the_team.ben, the_team.general.id),
    ):
        told = await forged(the_team, person, action, channel_id)
        assert told.startswith(("Only channel members can see that.", "You don't have permission to change this"))
    assert stands() == before
    assert secret.id not in await forged(the_team, the_team.ana, "home_settings", secret.id)


async def test_home_is_shown_when_slack_does_not_say_who_somebody_is_or_where(the_team: Team) -> None:
    for method in ("users.info", "users.conversations"):
        the_team.slack.fault(method, "error", times=None, name="internal_error")
    view = await opens_home(the_team, the_team.ana)
    assert "couldn't get your channels from Slack" in shows(view)
    assert "couldn't check your role with Slack" in shows(view)
    assert the_team.general.id not in str(view.blocks)
    the_team.slack.clear_faults()
    assert "All channels" in shows(await opens_home(the_team, the_team.ana))


async def test_slack_sends_the_event_again_when_the_home_could_not_be_shown(team_url: str) -> None:
    async with team(team_url, transport="http") as made:
        made.slack.fault("views.publish", "http_500_before", times=1)
        assert (await made.slack.open_home(made.ana)).status == 503
        await made.slack.wait_for(lambda: made.slack.home(made.ana) is not None)
        assert (await made.slack.open_home(made.ana, "messages")).error is None
        assert len(made.slack.ledger.calls("views.publish")) == 2


async def test_what_was_done_stands_although_the_home_could_not_be_shown_at_once(the_team: Team) -> None:
    await the_team.slack.archive(the_team.general)
    view = await opens_home(the_team, the_team.ana)
    the_team.slack.fault("views.publish", "http_500_before", times=1)
    answer = await the_team.slack.press(the_team.ana, view, "home_switch_off")
    assert answer.error is None
    assert the_team.stored_channel().schedule.is_paused
    await the_team.slack.wait_for(lambda: "Needs your attention" not in shows(the_team.slack.home(the_team.ana)))


async def test_two_hundred_channels_and_sixty_problems_are_paged_within_slacks_limits(team_url: str) -> None:
    async with team(team_url) as made:
        others = [
            made.slack.add_channel(f"{number:03}-{'x' * 70}", members=[made.ana], creator=made.ana)
            for number in range(200)
        ]
        for place, channel in enumerate(others):
            made.configure(channel, made.ana, zone="America/Argentina/ComodRivadavia")
            if place < 60:
                is_away(made, channel, Unavailability.ARCHIVED)
        view = await opens_home(made, made.ana)
        assert len(view.blocks) <= 100
        assert "1–10 of 60" in part(view, "Needs your attention")
        assert "1–20 of 201" in part(view, "All channels")
        seen: set[str] = set()
        for _ in range(11):
            seen |= set(re.findall(r"<#(\w+)>", part(view, "All channels")))
            buttons = [text for text in text_objects(view.blocks) if text["text"] == "Next"]
            if "201–201 of 201" in part(view, "All channels"):
                break
            assert len(buttons) == 3
            assert (await made.slack.press(made.ana, view, "home_more", index=2)).error is None
            view = made.slack.home(made.ana)
        assert seen == {made.general.id, *(channel.id for channel in others)}
        await made.slack.press(made.ana, view, "home_switch_off")
        view = made.slack.home(made.ana)
        assert "201–201 of 201" in part(view, "All channels"), "the page stays turned"
        assert "1–10 of 59" in part(view, "Needs your attention")
