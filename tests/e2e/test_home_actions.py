"""What people do on Home: they decide about deliveries, switch channels off, take them over, open settings."""

from typing import Any

import pytest

from bot.domain.audit_log import Unavailability
from tests.e2e.test_home import changes, forged, opens_home, part, text_objects, to_friday
from tests.team import FRIDAY_16_BERLIN, Team, shows


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
    assert "was blocked by Slack" in part(view, "Your channels")
    await the_team.slack.press(the_team.ana, view, "post_delivery")
    assert "Needs your attention" not in shows(the_team.slack.home(the_team.ana))
    await the_team.sees_roundup(1)


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (Unavailability.REMOVED, "/invite @Winsome"),
        (Unavailability.ARCHIVED, "This channel is archived"),
        (Unavailability.DELETED, "was deleted"),
    ],
)
async def test_a_channel_that_lost_the_bot_is_turned_off_from_home(
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
    assert the_team.stored_channel().schedule.is_off
    assert changes(the_team)[-1] == ("settings_changed", the_team.ana.id)


async def test_an_admin_answers_for_a_channel_whose_owner_left(the_team: Team) -> None:
    the_team.configure(the_team.slack.add_channel("other", members=[the_team.ana]), the_team.ana)
    orphan = the_team.slack.add_channel("orphan", members=[the_team.ben, the_team.chloe])
    the_team.configure(orphan, the_team.ben)
    await opens_home(the_team, the_team.ben)  # Winsome knows him
    await the_team.slack.deactivate(the_team.ben)
    view = await opens_home(the_team, the_team.ana)
    assert "This roundup's contact has a deactivated account" in part(view, "Needs your attention")
    assert orphan.id in part(view, "Needs your attention")

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


async def test_what_was_done_stands_although_the_home_could_not_be_shown_at_once(the_team: Team) -> None:
    await the_team.slack.archive(the_team.general)
    view = await opens_home(the_team, the_team.ana)
    the_team.slack.fault("views.publish", "http_500_before", times=1)
    answer = await the_team.slack.press(the_team.ana, view, "home_switch_off")
    assert answer.error is None
    assert the_team.stored_channel().schedule.is_off
    await the_team.slack.wait_for(lambda: "Needs your attention" not in shows(the_team.slack.home(the_team.ana)))
