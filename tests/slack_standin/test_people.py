"""People talk, use shortcuts, share files, come and go; the bot hears what Slack would tell it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Channel, Person, StandIn

from .conftest import EVERYTHING, Running, bolt_app, client_of, over_socket_mode, standing


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with standing(EVERYTHING, event_retries=()) as one:
        yield one


@asynccontextmanager
async def hearing(slack: StandIn, running: Running = over_socket_mode) -> AsyncIterator[list[dict[str, Any]]]:
    """A bot that writes down every event that it hears, while it runs."""
    app = AsyncApp(
        client=client_of(slack),
        signing_secret=slack.signing_secret,
        ignoring_self_events_enabled=False,
        process_before_response=True,
    )
    heard: list[dict[str, Any]] = []

    @app.event({"type": "message"})
    @app.event("app_mention")
    async def said(event: dict[str, Any]) -> None:
        heard.append(event)

    async def other(event: dict[str, Any]) -> None:
        heard.append(event)

    for kind in EVERYTHING["settings"]["event_subscriptions"]["bot_events"]:
        if "." not in kind and kind != "app_mention":
            app.event(kind)(other)

    @app.action("go")
    async def go(ack: Callable[[], Awaitable[None]]) -> None:
        await ack()

    async with running(slack, app):
        yield heard


async def told(slack: StandIn, number: int, heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
    await slack.wait_for(lambda: len(slack.ledger.events()) >= number <= len(heard))
    return sorted(heard, key=lambda event: str(event["event_ts"]))


async def test_what_people_say_is_told_where_the_bot_is(
    running: Running, slack: StandIn, ana: Person, ben: Person, general: Channel
) -> None:
    secret = slack.add_channel("secret", private=True, members=[ana])
    outside = slack.add_channel("outside", members=[ana], with_bot=False)
    group = slack.world.workspace_of(ana).group_of(ana.id, ben.id, slack.bot_user_id)
    async with hearing(slack, running) as heard:
        for channel in (general, secret, slack.open_dm(ana), group, outside, slack.open_dm(ana, ben)):
            await slack.say(ana, channel, "hello")
        events = await told(slack, 4, heard)
    assert [event["channel_type"] for event in events] == ["channel", "group", "im", "mpim"]
    assert events[0]["user"] == ana.id
    assert events[0]["client_msg_id"]


async def test_a_mention_is_told_beside_its_message(slack: StandIn, ana: Person, general: Channel) -> None:
    async with hearing(slack) as heard:
        said = await slack.mention(ana, general, "look")
        events = await told(slack, 2, heard)
    assert {event["type"] for event in events} == {"message", "app_mention"}
    assert {event["ts"] for event in events} == {said.ts}
    mentioned = {"type": "user", "user_id": slack.bot_user_id}
    for event in events:
        [block] = event["blocks"]
        assert (block["type"], bool(block["block_id"])) == ("rich_text", True)
        assert block["elements"][0]["elements"] == [mentioned, {"type": "text", "text": " look"}]


async def test_an_edit_changes_the_blocks_too(slack: StandIn, ana: Person, general: Channel) -> None:
    said = await slack.say(ana, general, "one & two", typed=True)
    async with hearing(slack) as heard:
        await slack.edit(ana, said, "*two*", typed=True)
        [event] = await told(slack, 1, heard)
    texts = [event[name]["blocks"][0]["elements"][0]["elements"] for name in ("previous_message", "message")]
    assert texts == [
        [{"type": "text", "text": "one & two"}],
        [{"type": "text", "text": "two", "style": {"bold": True}}],
    ]
    assert event["previous_message"]["text"] == "one &amp; two"


async def test_what_people_type_becomes_markup(slack: StandIn, ana: Person, ben: Person, general: Channel) -> None:
    said = await slack.say(ana, general, "thanks @ben & @parrot in #general", typed=True)
    assert said.text == f"thanks <@{ben.id}> &amp; <@{slack.bot_user_id}> in <#{general.id}|general>"
    assert said.plain() == "thanks @ben & @parrot in #general"


async def test_replies_know_their_thread(slack: StandIn, ana: Person, ben: Person, general: Channel) -> None:
    first = await slack.say(ana, general, "a thread")
    async with hearing(slack) as heard:
        await slack.say(ben, general, "a reply", first.ts)
        await slack.say(ben, general, "for all", first.ts, broadcast=True)
        events = await told(slack, 2, heard)
    assert [(event["thread_ts"], event["parent_user_id"]) for event in events] == [(first.ts, ana.id)] * 2
    assert [event.get("subtype") for event in events] == [None, "thread_broadcast"]
    assert [event.get("root", {}).get("ts") for event in events] == [None, first.ts]
    assert (events[1]["root"]["reply_count"], events[1]["root"]["is_locked"]) == (2, False)
    assert first.to_slack()["reply_count"] == 2
    with pytest.raises(ValueError, match="no thread"):
        await slack.say(ben, general, "?", "1.0")


async def test_edits_and_deletions_are_told_with_what_was(slack: StandIn, ana: Person, general: Channel) -> None:
    said = await slack.say(ana, general, "teh cake")
    async with hearing(slack) as heard:
        await slack.edit(ana, said, "the cake")
        await slack.delete(ana, said)
        posted = await client_of(slack).chat_postMessage(channel=general.id, text="mine")
        await client_of(slack).chat_update(channel=general.id, ts=posted["ts"], text="still mine")
        await client_of(slack).chat_delete(channel=general.id, ts=posted["ts"])
        events = await told(slack, 5, heard)
    changed, deleted, _, mine_changed, mine_deleted = events
    assert (changed["subtype"], changed["message"]["text"]) == ("message_changed", "the cake")
    assert changed["previous_message"]["text"] == "teh cake"
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", said.ts)
    assert mine_changed["message"]["user"] == slack.bot_user_id
    assert mine_deleted["previous_message"]["text"] == "still mine"
    assert slack.posts(general) == []


async def test_only_who_wrote_it_edits_it(slack: StandIn, ana: Person, ben: Person, general: Channel) -> None:
    said = await slack.say(ana, general, "mine")
    with pytest.raises(ValueError, match="can't edit"):
        await slack.edit(ben, said, "ours")
    with pytest.raises(ValueError, match="can't delete"):
        await slack.delete(ben, said)


async def test_guests_and_people_of_other_workspaces_see_only_the_channels_that_they_are_in(
    slack: StandIn, ana: Person, general: Channel
) -> None:
    guest = slack.add_person("gus", guest=True)
    outsider = slack.add_person("sam", workspace=slack.add_workspace("Globex", installed=False))
    button = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go"}
    await client_of(slack).chat_postMessage(
        channel=general.id, text="Go?", blocks=[{"type": "actions", "elements": [button]}]
    )
    [asked] = slack.posts(general)
    for person in (guest, outsider):
        assert slack.seen_by(person, general) == []
        for act in (
            slack.slash(person, general, "/say hello"),
            slack.say(person, general, "hello"),
            slack.message_shortcut(person, asked, "repeat"),
            slack.press(person, asked, "go"),
        ):
            with pytest.raises(ValueError, match=f"{person.name} (can't|doesn't see)"):
                await act
    await slack.join(general, guest)
    slack.share_channel(general, outsider)
    for person in (guest, outsider):
        assert asked in slack.seen_by(person, general)
        await slack.say(person, general, "hello")


async def test_people_react_to_what_they_see_until_its_channel_is_archived(
    slack: StandIn, ana: Person, ben: Person, general: Channel
) -> None:
    secret = slack.add_channel("secret", private=True, members=[ana])
    hidden, said = await slack.say(ana, secret, "psst"), await slack.say(ana, general, "hello")
    with pytest.raises(ValueError, match="ben can't react in secret"):
        await slack.react(ben, secret, hidden.ts, "tada")
    await slack.react(ben, general, said.ts, "tada")
    await slack.archive(general)
    for act in (slack.react(ana, general, said.ts, "tada"), slack.unreact(ben, general, said.ts, "tada")):
        with pytest.raises(ValueError, match="can't react in general"):
            await act
    await slack.say(ana, secret, "a reply", hidden.ts)
    await slack.delete(ana, hidden)  # which leaves "This message was deleted." above the reply
    with pytest.raises(ValueError, match="no message"):
        await slack.react(ana, secret, hidden.ts, "tada")


async def test_shortcuts_carry_what_slack_sends(
    running: Running, slack: StandIn, ana: Person, general: Channel
) -> None:
    app, heard = bolt_app(slack), []

    @app.shortcut("say")
    @app.shortcut("repeat")
    async def use(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack()

    said = await slack.say(ana, general, "again!")
    async with running(slack, app):
        assert (await slack.shortcut(ana, "say")).error is None
        assert (await slack.message_shortcut(ana, said, "repeat")).error is None
    everywhere, on_message = heard
    assert sorted(everywhere) == [
        "action_ts",
        "callback_id",
        "enterprise",
        "is_enterprise_install",
        "team",
        "token",
        "trigger_id",
        "type",
        "user",
    ]
    assert on_message["type"] == "message_action"
    assert (on_message["message"]["text"], on_message["message_ts"]) == ("again!", said.ts)
    assert on_message["channel"] == {"id": general.id, "name": "general"}
    assert on_message["response_url"].startswith(slack.origin)
    with pytest.raises(ValueError, match="no global shortcut 'repeat'"):
        await slack.shortcut(ana, "repeat")


async def test_the_home_tab_is_published_and_told(running: Running, slack: StandIn, ana: Person, ben: Person) -> None:
    client = client_of(slack)
    button = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go"}
    home: Any = {"type": "home", "blocks": [{"type": "actions", "elements": [button]}]}
    async with hearing(slack, running) as heard:
        assert (await slack.open_home(ana)).error is None
        published = (await client.views_publish(user_id=ana.id, view=home))["view"]
        await slack.open_home(ana)
        await slack.open_home(ana, "messages")
        view = slack.home(ana)
        assert view is not None
        pressed = await slack.press(ana, view, "go")
    assert [("view" in event, event["tab"]) for event in heard] == [
        (False, "home"),
        (True, "home"),
        (False, "messages"),
    ]
    assert heard[0]["channel"] == slack.open_dm(ana).id
    assert pressed.request.payload["view"]["type"] == "home"
    assert slack.home(ben) is None
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_publish(user_id=ana.id, view=home, hash="old")
    again = (await client.views_publish(user_id=ana.id, view=home, hash=published["hash"]))["view"]
    assert again["id"] == published["id"]


async def test_a_file_is_uploaded_in_three_steps(
    slack: StandIn, ana: Person, general: Channel, secret: Channel
) -> None:
    client = client_of(slack)
    async with hearing(slack) as heard:
        await client.files_upload_v2(
            channel=general.id, filename="wins.csv", content="a,b\n", title="Wins", initial_comment="here"
        )
        events = await told(slack, 2, heard)
    assert {event["type"] for event in events} == {"file_shared", "message"}
    [post] = slack.posts(general)
    assert post.plain() == "here\n(wins.csv)"
    file = (await client.files_info(file=post.files[0]["id"]))["file"]
    assert (file["title"], file["size"], file["channels"]) == ("Wins", 4, [general.id])
    async with aiohttp.ClientSession() as session:
        with_token = {"Authorization": f"Bearer {slack.bot_token}"}
        async with session.get(file["url_private"], headers=with_token) as answer:
            assert await answer.read() == b"a,b\n"
        async with session.get(file["url_private"]) as answer:
            assert answer.status == 404
        url = await client.files_getUploadURLExternal(filename="a.txt", length=3)
        async with session.post(url["upload_url"], data=b"four") as answer:
            assert answer.status == 400
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_completeUploadExternal(files=[{"id": url["file_id"], "title": "a"}])
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client.files_upload_v2(channel=secret.id, filename="wins.csv", content="a")


async def test_people_share_files_and_hand_them_in(slack: StandIn, ana: Person, general: Channel) -> None:
    client = client_of(slack)
    shared = await slack.share(ana, general, "cake.png", b"png", "look")
    assert shared.plain() == "look\n(cake.png)"
    trigger = (await slack.shortcut(ana, "say")).request.payload["trigger_id"]
    element = {"type": "file_input", "action_id": "it"}
    label = {"type": "plain_text", "text": "File"}
    view: Any = {"type": "modal", "title": label, "submit": label, "callback_id": "x"}
    blocks = [{"type": "input", "block_id": "file", "label": label, "element": element}]
    await client.views_open(trigger_id=trigger, view=view | {"blocks": blocks})
    file = slack.upload(ana, "a.txt", b"abc")
    await slack.fill(ana, "it", [file.id])
    submitted = await slack.submit(ana)
    [given] = submitted.request.payload["view"]["state"]["values"]["file"]["it"]["files"]
    assert (given["id"], given["name"], given["size"]) == (file.id, "a.txt", 3)


async def test_channels_come_change_and_go(slack: StandIn, ana: Person, general: Channel) -> None:
    async with hearing(slack) as heard:
        made = await slack.create_channel(ana, "new")
        await slack.archive(general, by=ana)
        await slack.unarchive(general, by=ana)
        old = general.id
        await slack.change_channel_id(general)
        await slack.make_private(general, by=ana)
        await slack.remove_bot(general)
        await slack.delete_channel(made, by=ana)
    kinds = [event.get("subtype", event["type"]) for event in heard if not event.get("text", "").startswith("<@")]
    assert [kind for kind in kinds if kind != "channel_left"] == [
        "channel_created",
        "channel_archive",
        "channel_unarchive",
        "channel_id_changed",
        "channel_convert_to_private",
        "member_left_channel",
    ]
    assert heard[0]["channel"]["name"] == "new"
    changed = next(event for event in heard if event["type"] == "channel_id_changed")
    assert (changed["old_channel_id"], changed["new_channel_id"]) == (old, general.id)
    assert made.id not in slack.world.workspace_of(ana).channels


@pytest.mark.parametrize(("private", "prefix"), [(False, "channel"), (True, "group")])
async def test_slack_says_what_changes_in_a_channel(
    slack: StandIn, ana: Person, ben: Person, *, private: bool, prefix: str
) -> None:
    made = slack.add_channel("ideas", private=private, members=[ana])
    async with hearing(slack) as heard:
        await slack.join(made, ben, by=ana)
        await slack.rename(made, "plans")
        await slack.leave(made, ben)
        await slack.archive(made, by=ana)
        await slack.unarchive(made, by=ana)
        await slack.wait_for(lambda: len([event for event in heard if event["type"] == "message"]) == 5)
    messages = sorted((event for event in heard if event["type"] == "message"), key=lambda event: str(event["ts"]))
    assert [(event["subtype"], event["user"], event["text"]) for event in messages] == [
        (f"{prefix}_join", ben.id, f"<@{ben.id}> has joined the channel"),
        (f"{prefix}_name", ana.id, f'<@{ana.id}> has renamed the channel from "ideas" to "plans"'),
        (f"{prefix}_leave", ben.id, f"<@{ben.id}> has left the channel"),
        (f"{prefix}_archive", ana.id, f"<@{ana.id}> archived the channel"),
        (f"{prefix}_unarchive", ana.id, f"<@{ana.id}> un-archived the channel"),
    ]
    assert messages[0]["inviter"] == ana.id
    assert (messages[1]["old_name"], messages[1]["name"]) == ("ideas", "plans")
    history = (await client_of(slack).conversations_history(channel=made.id))["messages"]
    assert history[::-1] == [
        {name: value for name, value in event.items() if name not in ("channel", "channel_type", "event_ts")}
        for event in messages
    ]
    with pytest.raises(ValueError, match="can't edit"):
        await slack.edit(ana, slack.posts(made)[1], "I did not")


async def test_people_come_and_go(slack: StandIn, ana: Person, ben: Person, general: Channel) -> None:
    async with hearing(slack) as heard:
        cleo = await slack.hire("cleo", tz="Asia/Tokyo")
        await slack.deactivate(ben)
    assert [event["type"] for event in heard] == ["team_join", "user_change"]
    assert heard[0]["user"]["id"] == cleo.id
    assert heard[1]["user"]["deleted"] is True
    assert ben.id not in general.members


async def test_the_bot_joins_lists_and_opens(slack: StandIn, ana: Person, ben: Person, general: Channel) -> None:
    client: AsyncWebClient = client_of(slack)
    lounge = slack.add_channel("lounge", members=[ana], with_bot=False)
    secret = slack.add_channel("secret", private=True, members=[ana], with_bot=False)
    await client.conversations_join(channel=lounge.id)
    assert slack.bot_user_id in lounge.members
    assert (await client.conversations_join(channel=lounge.id))["warning"] == "already_in_channel"
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client.conversations_join(channel=secret.id)
    first = await client.conversations_list(limit=1)
    rest = await client.conversations_list(limit=1, cursor=first["response_metadata"]["next_cursor"])
    assert [page["channels"][0]["name"] for page in (first, rest)] == ["general", "lounge"]
    assert rest["response_metadata"]["next_cursor"] == ""
    own = await client.users_conversations(types="public_channel,private_channel")
    assert [channel["name"] for channel in own["channels"]] == ["general", "lounge"]
    group = (await client.conversations_open(users=[ana.id, ben.id]))["channel"]["id"]
    again = await client.conversations_open(users=f"{ben.id},{ana.id}", return_im=True)
    assert (again["channel"]["id"], again["channel"]["is_mpim"]) == (group, True)


async def test_nobody_writes_to_a_bot_that_reads_nothing(ana: Person) -> None:
    manifest = EVERYTHING | {"features": EVERYTHING["features"] | {"app_home": {"messages_tab_enabled": False}}}
    async with standing(manifest) as slack:
        eve = slack.add_person("eve")
        with pytest.raises(ValueError, match="messages_tab_enabled"):
            await slack.say(eve, slack.open_dm(eve), "hello?")
