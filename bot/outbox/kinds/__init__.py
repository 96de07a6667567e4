"""The kinds of messages that the bot posts: a new one is a file here, and its line in KINDS."""

from typing import Any

from bot.outbox.kinds.announcement import Announcement
from bot.outbox.kinds.author_note import NotRemoved, NotShared
from bot.outbox.kinds.base import Audience, Context, Kind, Reader
from bot.outbox.kinds.climb_reached import ClimbReached
from bot.outbox.kinds.credit import Credit
from bot.outbox.kinds.credit_note import CreditNote
from bot.outbox.kinds.edition import Edition
from bot.outbox.kinds.joined import Joined
from bot.outbox.kinds.look_back import LookBack
from bot.outbox.kinds.offer import Offer
from bot.outbox.kinds.owner_alert import OwnerAlert
from bot.outbox.kinds.reminder import Reminder
from bot.outbox.kinds.roundup import Roundup
from bot.outbox.kinds.settings_change import SettingsChange
from bot.outbox.kinds.suggestion import Answer, DirectAnswer, Suggestion
from bot.outbox.kinds.welcome import FormButton, Welcome

KINDS: dict[str, Kind[Any]] = {
    kind.name: kind
    for kind in (
        Announcement(),
        Roundup(),
        Edition(),
        Offer(),
        Reminder(),
        OwnerAlert(),
        SettingsChange(),
        NotShared(),
        NotRemoved(),
        Answer(),
        DirectAnswer(),
        Suggestion(),
        Welcome(),
        FormButton(),
        Joined(),
        Credit(),
        CreditNote(),
        LookBack(),
        ClimbReached(),
    )
}

__all__ = ["KINDS", "Audience", "Context", "Kind", "Reader"]
