"""The verbs of the control address that act as people; verbs.py has the rest."""

from base64 import b64decode
from typing import Any

from slack_standin.control.lookup import Lookup, channel_to_json, message_to_json, person_to_json


class PeopleVerbs(Lookup):
    """StandIn's actions of people, with JSON for arguments and results."""

    async def slash(self, person: str, channel: str, line: str) -> dict[str, Any]:
        """Type a command and wait for its acknowledgement."""
        who = self._person(person)
        return self._answer(await self._slack.slash(who, self._channel(channel), line))

    async def press(
        self,
        person: str,
        action_id: str,
        channel: str | None = None,
        ts: str | None = None,
        *,
        view: str | None = None,
        value: Any = None,
        index: int = 0,
    ) -> dict[str, Any]:
        """Press a button of a message or a view, or choose the option with this value."""
        who = self._person(person)
        return self._answer(await self._slack.press(who, self._target(who, channel, ts, view), action_id, value, index))

    async def fill(
        self,
        person: str,
        action_id: str,
        value: Any,
        *,
        block_id: str | None = None,
        view: str | None = None,
        channel: str | None = None,
        ts: str | None = None,
        enter: bool = False,
    ) -> dict[str, Any] | None:
        """Enter or choose something, by default in the top modal; null if the bot is not informed."""
        who = self._person(person)
        target = self._target(who, channel, ts, view)
        answer = await self._slack.fill(who, action_id, value, on=target, block_id=block_id, enter=enter)
        return self._answer(answer) if answer else None

    async def suggest(
        self,
        person: str,
        action_id: str,
        query: str = "",
        *,
        block_id: str | None = None,
        view: str | None = None,
        channel: str | None = None,
        ts: str | None = None,
    ) -> dict[str, Any]:
        """Type into an external menu; the payload of the answer holds the bot's options."""
        who = self._person(person)
        target = self._target(who, channel, ts, view)
        return self._answer(await self._slack.suggest(who, action_id, query, on=target, block_id=block_id))

    async def submit(self, person: str, view: str | None = None) -> dict[str, Any]:
        """Submit the top modal; `errors` are shown under its inputs afterwards."""
        who = self._person(person)
        meant = self._view(who, view)
        answer = self._answer(await self._slack.submit(who, meant))
        return answer | {"errors": meant.errors, "trouble": meant.trouble}

    async def close_view(self, person: str, view: str | None = None, everything: bool = False) -> list[dict[str, Any]]:
        """Close the modal on top, or all of them."""
        who = self._person(person)
        answers = await self._slack.close_view(who, self._view(who, view), everything)
        return [self._answer(each) for each in answers]

    async def shortcut(self, person: str, callback_id: str) -> dict[str, Any]:
        """Use a global shortcut."""
        return self._answer(await self._slack.shortcut(self._person(person), callback_id))

    async def message_shortcut(self, person: str, channel: str, ts: str, callback_id: str) -> dict[str, Any]:
        """Use a shortcut on a message."""
        who, message = self._person(person), self._message(channel, ts)
        return self._answer(await self._slack.message_shortcut(who, message, callback_id))

    async def open_home(self, person: str, tab: str = "home") -> dict[str, Any]:
        """Open the bot's Home tab, or its `messages` or `about`."""
        return self._answer(await self._slack.open_home(self._person(person), tab))

    async def react(self, person: str, channel: str, ts: str, name: str, wait: bool = True) -> dict[str, Any]:
        """Put an emoji under a message."""
        who = self._person(person)
        return self._answer(await self._slack.react(who, self._channel(channel), ts, name, wait))

    async def unreact(self, person: str, channel: str, ts: str, name: str, wait: bool = True) -> dict[str, Any]:
        """Take an emoji away from a message."""
        who = self._person(person)
        return self._answer(await self._slack.unreact(who, self._channel(channel), ts, name, wait))

    async def say(
        self,
        person: str,
        channel: str,
        text: str,
        thread_ts: str | None = None,
        *,
        broadcast: bool = False,
        typed: bool = False,
    ) -> dict[str, Any]:
        """Post as a person; with `typed` the text is as typed (@ana, #general) and not markup yet."""
        who, place = self._person(person), self._channel(channel)
        said = await self._slack.say(who, place, text, thread_ts, broadcast=broadcast, typed=typed)
        return message_to_json(said)

    async def mention(self, person: str, channel: str, text: str, thread_ts: str | None = None) -> dict[str, Any]:
        """Post a message that starts with a mention of the bot."""
        said = await self._slack.mention(self._person(person), self._channel(channel), text, thread_ts)
        return message_to_json(said)

    async def edit(self, person: str, channel: str, ts: str, text: str) -> dict[str, Any]:
        """Change one's own message."""
        return self._answer(await self._slack.edit(self._person(person), self._message(channel, ts), text))

    async def delete(self, person: str, channel: str, ts: str) -> dict[str, Any]:
        """Delete one's own message."""
        return self._answer(await self._slack.delete(self._person(person), self._message(channel, ts)))

    async def upload(
        self, person: str, filename: str, text: str = "", base64: str | None = None, channel: str | None = None
    ) -> dict[str, Any]:
        """Upload a file of this text (or of base64), for a file input, or into a channel."""
        content = text.encode() if base64 is None else b64decode(base64, validate=True)
        who = self._person(person)
        if channel:
            return message_to_json(await self._slack.share(who, self._channel(channel), filename, content))
        return self._slack.upload(who, filename, content).to_slack(self._slack.origin)

    async def hire(self, name: str, **details: Any) -> dict[str, Any]:
        """Add a person, send team_join; fields: names, email, tz, locale, the status, is_admin, is_owner, guest."""
        return person_to_json(await self._slack.hire(name, **details))

    async def deactivate(self, person: str) -> dict[str, Any]:
        """Deactivate a person's account."""
        return self._answer(await self._slack.deactivate(self._person(person)))

    async def change_person(self, person: str, **changes: Any) -> dict[str, Any]:
        """Change a profile: the fields of hire, name, status_emoji, status_expiration, deleted."""
        return self._answer(await self._slack.change_person(self._person(person), **changes))

    async def invite_bot(self, channel: str, by: str | None = None) -> dict[str, Any]:
        """Make the bot a member."""
        inviter = self._person(by) if by else None
        return self._answer(await self._slack.invite_bot(self._channel(channel), inviter))

    async def remove_bot(self, channel: str) -> dict[str, Any]:
        """Remove the bot from a channel."""
        return self._answer(await self._slack.remove_bot(self._channel(channel)))

    async def join(self, channel: str, person: str, by: str | None = None) -> dict[str, Any]:
        """Make a person a member, invited or on their own."""
        inviter = self._person(by) if by else None
        return self._answer(await self._slack.join(self._channel(channel), self._person(person), inviter))

    async def leave(self, channel: str, person: str) -> dict[str, Any]:
        """End a person's membership."""
        return self._answer(await self._slack.leave(self._channel(channel), self._person(person)))

    async def archive(self, channel: str) -> dict[str, Any]:
        """Archive a channel."""
        return self._answer(await self._slack.archive(self._channel(channel)))

    async def unarchive(self, channel: str) -> dict[str, Any]:
        """Bring an archived channel back."""
        return self._answer(await self._slack.unarchive(self._channel(channel)))

    async def create_channel(self, person: str, name: str, private: bool = False) -> dict[str, Any]:
        """Create a channel as a person; of a public one the bot hears."""
        return channel_to_json(await self._slack.create_channel(self._person(person), name, private=private))

    async def delete_channel(self, channel: str) -> dict[str, Any]:
        """Delete a channel for good."""
        return self._answer(await self._slack.delete_channel(self._channel(channel)))

    async def make_private(self, channel: str) -> dict[str, Any]:
        """Turn a public channel into a private one."""
        return self._answer(await self._slack.make_private(self._channel(channel)))

    async def change_channel_id(self, channel: str) -> dict[str, Any]:
        """Give a channel another id."""
        return self._answer(await self._slack.change_channel_id(self._channel(channel)))

    async def rename(self, channel: str, name: str) -> dict[str, Any]:
        """Rename a channel."""
        return self._answer(await self._slack.rename(self._channel(channel), name))

    async def resend(self, delivery: str) -> dict[str, Any]:
        """Deliver again what an earlier answer named in `delivery`."""
        if delivery not in self._sent:
            raise LookupError(f"no delivery {delivery!r}")
        return self._answer(await self._slack.resend(self._sent[delivery]))
