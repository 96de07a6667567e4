"""An app whose manifest was not updated: everything else works, and who runs Winsome is told what an update adds."""

from dataclasses import replace

from bot.cli import doctor
from bot.slack.installed_manifest import WAYS_IN, shortcut_names
from bot.slack.manifest import OPTIONAL_SCOPES
from bot.views.installed_manifest import ways_in_that_are_off
from bot.views.translations import ENGLISH
from tests.e2e.test_home import opens_home
from tests.team import Team, shows, team


async def installed(made: Team, **changes: str | None) -> str:
    """Return what the doctor finds about the manifest, with these changes of the settings."""
    findings = [finding async for finding in doctor.examine(made.settings(**changes))]
    assert [finding.subject for finding in findings if not finding.is_ok] == ["clock"], "there, it is 2030"
    [found] = [finding for finding in findings if finding.subject == "manifest"]
    return f"{found.message}. {found.advice}"


async def test_an_app_that_is_not_updated_goes_on_working_and_says_what_an_update_adds(sqlite_url: str) -> None:
    async with team(sqlite_url, starts=False) as made:
        current, workspace = made.slack.world.manifest, made.slack.world.workspaces[made.slack.team_id]
        before = current.scopes - WAYS_IN.keys()
        made.slack.world.manifest = replace(
            current, scopes=before, shortcuts=(), events=current.events - {"app_mention", "message.im"}
        )
        workspace.install(before)
        await made.bot_starts()
        assert "Win saved" in await made.says(made.ana, "/win fixed it")
        await made.sees("ana: fixed it")
        await made.slack.mention(made.ana, made.general, "we shipped search")
        await made.slack.say(made.ana, made.slack.open_dm(made.ana), "we shipped search")
        assert "mention me" not in await made.says(made.ana, "/win help")
        assert not any("shipped" in str(sent.payload) for sent in made.slack.ledger.deliveries("events_api"))

        home = shows(await opens_home(made, made.ana))
        assert "Some ways to save a win are off." in home
        assert "`@Winsome we shipped search`" in home
        assert "send me a direct message" in home
        assert "over HTTP, of `winsome manifest --http`" in home
        assert "Some ways" not in shows(await opens_home(made, made.ben)), "that is for admins"
        found = await installed(made)
        assert "save wins by mentioning Winsome or by sending Winsome a direct message" in found
        assert "`winsome manifest`" in found
        found = await installed(made, app_token=None, signing_secret=made.slack.signing_secret)
        assert "`winsome manifest --http https://your.host/slack/events`" in found, "the other has no address"

        made.slack.world.manifest = current
        workspace.install(before | WAYS_IN.keys())
        await made.bot_stops()
        await made.bot_starts()
        assert "Some ways" not in shows(await opens_home(made, made.ana))
        assert "has this version's scopes" in await installed(made)
        assert "You can also mention me or send me a direct message." in await made.says(made.ana, "/win help")


async def test_of_an_app_that_lacks_a_needed_scope_no_one_hears_that_its_manifest_is_up_to_date(
    sqlite_url: str,
) -> None:
    async with team(sqlite_url, starts=False) as made:
        workspace = made.slack.world.workspaces[made.slack.team_id]
        workspace.install(made.slack.world.manifest.scopes - {"reactions:read"})
        found = {finding.subject: finding async for finding in doctor.examine(made.settings())}
    assert not found["scope reactions:read"].is_ok
    assert "manifest" not in found


def test_what_an_update_adds_is_what_the_manifest_has() -> None:
    assert WAYS_IN.keys() <= OPTIONAL_SCOPES.keys()
    said = str(ways_in_that_are_off(ENGLISH, list(WAYS_IN)))
    for name in (*WAYS_IN, *shortcut_names()):
        assert name in said
    only = str(ways_in_that_are_off(ENGLISH, ["im:history"]))
    assert "app_mentions:read" not in only
    assert ways_in_that_are_off(ENGLISH, []) == []
