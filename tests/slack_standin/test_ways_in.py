"""The ways in to a bot beside commands: mentions, direct messages, shortcuts; and what their forms can do."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Channel, Person, StandIn

from .conftest import EVERYTHING, bolt_app, client_of, over_socket_mode, standing
from .modals import answering, ask, modal, option, words
from .test_people import hearing, told


async def test_a_mention_is_told_in_channels_and_a_direct_message_as_itself() -> None:
    async with standing(EVERYTHING) as slack:
        ana = slack.add_person("ana")
        general, elsewhere = slack.add_channel("general", members=[ana]), slack.add_channel("elsewhere", with_bot=False)
        async with hearing(slack) as heard:
            first = await slack.mention(ana, general, "shipped search")
            reply = await slack.mention(ana, general, "and the docs", first.ts)
            await slack.mention(ana, slack.open_dm(ana), "hello")
            await slack.mention(ana, elsewhere, "are you there?")
            events = await told(slack, 5, heard)
        mentions = [event for event in events if event["type"] == "app_mention"]
        assert {(event["channel"], event.get("thread_ts")) for event in mentions} == {
            (general.id, None),
            (general.id, reply.thread_ts),
        }
        assert not any("channel_type" in event for event in mentions)
        assert [event["text"] for event in events if event.get("channel_type") == "im"] == [
            f"<@{slack.bot_user_id}> hello"
        ]
        *_, notice = slack.seen_by(ana, elsewhere)
        assert (notice.ephemeral_to, notice.plain()) == (
            ana.id,
            "You mentioned @parrot, but they're not in this channel.",
        )


async def test_optional_scopes_that_no_one_granted_bring_no_events() -> None:
    scopes = EVERYTHING["oauth_config"]["scopes"] | {"bot_optional": ["app_mentions:read", "im:history"]}
    async with standing(EVERYTHING | {"oauth_config": {"scopes": scopes}}) as slack:
        ana = slack.add_person("ana")
        general = slack.add_channel("general", members=[ana])
        workspace = slack.world.workspace_of(ana)
        async with hearing(slack) as heard:
            await slack.mention(ana, general, "one")
            await slack.say(ana, slack.open_dm(ana), "two")
            workspace.install(slack.world.manifest.scopes)
            await slack.say(ana, slack.open_dm(ana), "three")
            events = await told(slack, 2, heard)
    assert [event["text"].rpartition(" ")[2] for event in events] == ["one", "three"]
    assert {event["type"] for event in events} == {"message"}


async def test_what_was_entered_comes_with_actions_and_submissions_alone(
    slack: StandIn, client: AsyncWebClient, trigger: Any, ana: Person
) -> None:
    app, heard = answering(slack)

    @app.options("menu")
    async def offer(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack(options=[option("a")])

    menu = ask("menu", {"type": "external_select", "action_id": "menu", "min_query_length": 0})
    letters = words(dispatch_action_config={"trigger_actions_on": ["on_character_entered"]})
    view = modal(ask("what", letters, dispatch_action=True), menu, notify_on_close=True)
    async with over_socket_mode(slack, app):
        await client.views_open(trigger_id=await trigger(), view=view)
        await slack.fill(ana, "it", "fixed it")
        await slack.suggest(ana, "menu")
        await slack.close_view(ana)
    held = [(body["type"], "what" in body["view"]["state"]["values"]) for body in heard]
    assert held == [("block_actions", True), ("block_suggestion", False), ("view_closed", False)]


async def test_an_ephemeral_message_in_a_thread_is_seen_if_the_thread_has_replies(
    slack: StandIn, client: AsyncWebClient, *, ana: Person, ben: Person, general: Channel
) -> None:
    app, urls = bolt_app(slack), []

    @app.shortcut("repeat")
    async def use(ack: Any, body: dict[str, Any]) -> None:
        urls.append(body["response_url"])
        await ack()

    first = await slack.say(ana, general, "a thread")
    private: dict[str, Any] = {"channel": general.id, "user": ana.id, "thread_ts": first.ts}
    async with over_socket_mode(slack, app), aiohttp.ClientSession() as session:
        await slack.message_shortcut(ana, first, "repeat")
        for words in ("unseen", "seen"):
            assert (await client.chat_postEphemeral(**private, text=words))["message_ts"]
            await session.post(urls[0], json={"text": f"{words} too", "thread_ts": first.ts})
            await slack.say(ben, general, "a reply", first.ts)
    seen = [message for message in slack.seen_by(ana, general) if message.ephemeral_to]
    assert [(message.plain(), message.thread_ts) for message in seen] == [("seen", first.ts), ("seen too", first.ts)]
    assert first.to_slack()["reply_count"] == 2


async def test_the_form_of_a_global_shortcut_can_default_to_the_channel_in_view(
    slack: StandIn, ana: Person, secret: Channel
) -> None:
    app, client, heard = bolt_app(slack), client_of(slack), []
    menu = {"type": "conversations_select", "default_to_current_conversation": True}

    @app.shortcut("say")
    async def use(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=modal(ask("where", menu)))
        await ack()

    async with over_socket_mode(slack, app):
        for viewing, chosen in ((secret, secret.id), (None, None)):
            await slack.shortcut(ana, "say", viewing)
            view = slack.modal(ana)
            assert view is not None
            assert view.state.values["where"]["it"]["selected_conversation"] == chosen
    assert not {"channel", "response_url"} & set(heard[0])


async def test_menus_offer_what_a_person_sees(
    slack: StandIn, client: AsyncWebClient, trigger: Any, *, ana: Person, general: Channel, secret: Channel
) -> None:
    hidden, old = slack.add_channel("hidden", private=True), slack.add_channel("old", members=[ana])
    old.archived = True
    gone = slack.add_person("gone", deleted=True)
    dm, with_bot = slack.open_dm(ana, slack.add_person("eve")), slack.open_dm(ana)
    public = {"filter": {"include": ["public"]}}
    fields: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
        "all": ({"type": "conversations_select"}, [general.id, secret.id, dm.id, with_bot.id], [hidden.id, old.id]),
        "public": ({"type": "conversations_select"} | public, [general.id], [secret.id, dm.id, "C0"]),
        "people": (
            {"type": "multi_conversations_select", "filter": {"include": ["im"], "exclude_bot_users": True}},
            [dm.id],
            [with_bot.id, general.id],
        ),
        "channels": ({"type": "channels_select"}, [general.id], [secret.id]),
        "who": ({"type": "multi_users_select"}, [ana.id, slack.bot_user_id], [gone.id, "U0"]),
        "kept": ({"type": "conversations_select", "initial_conversation": hidden.id}, [hidden.id], [old.id]),
    }
    form = modal(*(ask(name, element) for name, (element, *_) in fields.items()))
    await client.views_open(trigger_id=await trigger(), view=form)
    for name, (element, offered, withheld) in fields.items():
        several = element["type"].startswith("multi")
        for each in withheld:
            with pytest.raises(ValueError, match="isn't offered"):
                await slack.fill(ana, "it", [each] if several else each, block_id=name)
        for each in offered:
            await slack.fill(ana, "it", [each] if several else each, block_id=name)


async def test_commands_and_shortcuts_are_for_people_of_the_own_organization(slack: StandIn, general: Channel) -> None:
    labs, globex = (slack.add_workspace(name, installed=False) for name in ("Labs", "Globex"))
    slack.add_enterprise("Acme Group", slack.world.workspace_of(general), labs)
    gina, sam = slack.add_person("gina", workspace=labs), slack.add_person("sam", workspace=globex)
    for person in (gina, sam):
        slack.share_channel(general, person)
    app, client = bolt_app(slack), client_of(slack)

    @app.command("/say")
    @app.shortcut("repeat")
    async def use(ack: Any, body: dict[str, Any]) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(ask("what", words()), callback_id="form"))
        await ack()

    said = await slack.say(sam, general, "hello")
    async with over_socket_mode(slack, app):
        for act in (slack.slash(gina, general, "/say"), slack.message_shortcut(gina, said, "repeat")):
            assert (await act).error is None
            await slack.fill(gina, "it", "fixed it")
            assert await slack.close_view(gina) == []
        assert (await slack.slash(sam, general, "/say")).error == "invalid_command"
        with pytest.raises(ValueError, match="can't use a shortcut"):
            await slack.message_shortcut(sam, said, "repeat")
