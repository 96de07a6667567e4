"""`--keep DIR`: what people said, what the bot knows and what time it is outlive the playground."""

import base64
import contextlib
from datetime import date, timedelta
from pathlib import Path

import pytest

from playground.data_dir import DataDir, UnusableFolder
from playground.sandbox import Sandbox
from playground.server.commands import Commands
from tests.browser.conftest import channel, configure_channels, person
from tests.browser.sandboxes import open_sandbox
from tests.browser.test_time import posts, roundups


@pytest.mark.deep
async def test_everything_is_there_again(tmp_path: Path) -> None:
    folder, first_day = tmp_path / "kept", date(2030, 2, 11)
    async with open_sandbox(Sandbox(keep=folder, first_day=first_day)) as before:
        await before.ready.wait()
        slack, general = before.slack, channel(before, "general")
        ana, ben = person(before, "ana"), person(before, "ben")
        said = await slack.say(ana, general, "Look at this")
        await slack.say(ben, general, "I do", said.ts)
        await slack.say(ana, channel(before, "leads"), "Just us")
        await slack.share(ana, general, "plan.txt", b"first this, then that")
        await configure_channels(before, "general")
        await slack.slash(ana, general, "/win wrote it down")
        await slack.wait_for(lambda: len(list(posts(before))) == 2)
        *_, (_, win) = posts(before)
        await slack.react(ben, general, win.ts, "tada")
        await slack.press(ben, win, "cheer")
        await slack.wait_for(lambda: "Cheered by Ben" in win.plain())
    closed_at = before.slack.clock.now()

    async with open_sandbox(Sandbox(keep=folder, first_day=first_day), empty=False) as again:
        assert abs(again.slack.clock.now() - closed_at) < timedelta(minutes=5)
        await again.ready.wait()
        slack, ana, general = again.slack, person(again, "ana"), channel(again, "general")
        seen = slack.seen_by(ana, general)
        assert [message.plain().splitlines()[0].partition(". Next roundup")[0] for message in seen] == [
            "Look at this",
            "I do",
            "(plan.txt)",
            ":gear: Ana set up a roundup for this channel: every Friday at 16:00 (Berlin time)",
            ":sparkles: *Ana:* wrote it down",
        ]
        assert seen[0].reply_count == 1
        assert seen[4].reactions == {"tada": [person(again, "ben").id]}
        assert slack.world.files[seen[2].files[0]["id"]].content == b"first this, then that"
        assert not slack.seen_by(person(again, "dmitri"), channel(again, "leads"))
        fresh = await slack.say(ana, general, "Good to be back")
        assert fresh.ts > seen[-1].ts

        await Commands(again, ana).friday()
        await slack.wait_for(lambda: roundups(again))
        assert "wrote it down" in slack.posts(general)[-1].plain()
        assert "late" not in slack.posts(general)[-1].plain()


@pytest.mark.deep
async def test_a_kept_app_has_optional_scopes_that_came_later_too(tmp_path: Path) -> None:
    async with open_sandbox(Sandbox(keep=tmp_path)) as before:
        await before.ready.wait()
    with contextlib.closing(DataDir(tmp_path, is_kept=True)) as data_dir:
        kept = data_dir.read()
        assert kept is not None
        for workspace in kept["workspaces"]:
            workspace["scopes"] = []
        data_dir.write(kept)
    async with open_sandbox(Sandbox(keep=tmp_path), empty=False) as again:
        assert again.slack.world.workspaces[again.slack.team_id].scopes == again.slack.world.manifest.scopes


@pytest.mark.deep
async def test_a_past_that_was_not_told_to_its_end_is_told_anew_and_a_reset_forgets(tmp_path: Path) -> None:
    sandbox = Sandbox(keep=tmp_path, first_day=date(2030, 2, 11))
    async with open_sandbox(sandbox, empty=False):
        pass
    async with open_sandbox(sandbox, empty=False):
        await sandbox.ready.wait()
        told = len(roundups(sandbox))
        assert told == 8
        printed = sandbox.control_url
        await sandbox.reset(empty=True)
        assert sandbox.control_url == printed
        await sandbox.ready.wait()
        assert not list(posts(sandbox))
        await sandbox.slack.slash(person(sandbox, "ana"), channel(sandbox, "general"), "/win begun anew")
        await sandbox.slack.wait_for(lambda: list(posts(sandbox)))


def test_a_folder_is_not_taken_from_others(tmp_path: Path) -> None:
    (tmp_path / "winsome.db").write_bytes(base64.b64decode("AAAA"))
    with pytest.raises(UnusableFolder, match="holds other files"):
        DataDir(tmp_path, is_kept=True)
    assert (tmp_path / "winsome.db").exists()

    first = DataDir(tmp_path / "folder", is_kept=True)
    with pytest.raises(UnusableFolder, match="another playground"):
        DataDir(tmp_path / "folder", is_kept=True)
    first.write({"a": 1})
    first.close()
    second = DataDir(tmp_path / "folder", is_kept=True)
    assert second.read() == {"a": 1}
    second.close()


def test_what_an_unfinished_replay_left_is_deleted_and_what_is_saved_is_not(tmp_path: Path) -> None:
    begun = DataDir(tmp_path, is_kept=True)
    begun.database.write_bytes(b"half of the wins")
    begun.clock.write_text("86400.0")
    begun.close()

    again = DataDir(tmp_path, is_kept=True)
    assert again.read() is None
    assert not again.database.exists()
    assert not again.clock.exists()
    again.database.write_bytes(b"all of the wins")
    again.write({"a": 1})
    again.close()

    finished = DataDir(tmp_path, is_kept=True)
    assert finished.database.read_bytes() == b"all of the wins"
    finished.close()
