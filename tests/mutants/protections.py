"""Protections, each of which the suite must miss when it is gone. `make mutants` takes away every one of them.

A change that went unnoticed once gets a line here, with the test that notices it now.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.mutations import Mutation

TRANSACTION = "tests/services/test_permission_in_the_transaction.py"
TENANTS = "tests/storage/test_two_tenants.py"


@dataclass(frozen=True)
class Protection:
    """What a file must hold once, what a careless change makes of it, and the tests that notice.

    Of a `before` that is a pattern, it is the first place.
    """

    name: str
    path: str
    before: str
    after: str
    tests: tuple[str, ...]
    is_pattern: bool = False

    def mutation(self, root: Path) -> Mutation:
        """Return the change. Raises ValueError if the file below `root` has no such place, or several."""
        source = (root / self.path).read_text(encoding="utf-8")
        places = list(re.finditer(self.before if self.is_pattern else re.escape(self.before), source))
        if not places or (len(places) > 1 and not self.is_pattern):
            raise ValueError(f"{self.path} has {len(places)} places of: {self.before}")
        start = places[0].start()
        line = source.count("\n", 0, start) + 1
        return Mutation(self.path, line, start, places[0].group(), self.after, is_at_import=False)


PROTECTIONS = (
    Protection(
        "what is answered through a response_url isn't parsed",
        "bot/slack/response_url.py",
        '            "parse": "none",\n',
        "",
        ("tests/receivers/test_outgoing_urls.py",),
    ),
    Protection(
        "a response_url is Slack's",
        "bot/slack/response_url.py",
        "if origin is None or _origin(response_url) != origin:",
        "if origin is None:",
        ("tests/receivers/test_outgoing_urls.py",),
    ),
    Protection(
        "who is taken out of a win and not out of its text is no plain name in it",
        "bot/domain/win_form.py",
        "before = [each for each in original.people if each.user_id != author_id and each.token in original.text]",
        "before = [each for each in original.people if each.user_id in labels and each.token in original.text]",
        ("tests/domain/test_win_form.py",),
    ),
    Protection(
        "a settings form is of the person who opened it",
        "bot/listeners/settings_form.py",
        "        if form_state.user_id != user_id:\n            raise NotAllowed(Action.CHANGE)\n",
        "",
        ("tests/e2e/test_forged.py",),
    ),
    Protection(
        "permission to change settings is checked in the transaction",
        "bot/services/channel_settings.py",
        "    check(actor, Action.CHANGE, channel.roles)\n    manager_ids",
        "    manager_ids",
        (TRANSACTION,),
    ),
    Protection(
        "permission to take a roundup over is checked in the transaction",
        "bot/services/channel_settings.py",
        "    check(actor, Action.CHANGE, channel.roles)\n    if channel.settings is None or",
        "    if channel.settings is None or",
        (TRANSACTION,),
    ),
    Protection(
        "who may name managers is checked in the transaction",
        "bot/services/channel_settings.py",
        "        check(actor, Action.ASSIGN_MANAGERS, channel.roles)\n",
        "        pass\n",
        (TRANSACTION,),
    ),
    Protection(
        "who may name managers is checked for the form",
        "bot/services/channel_settings.py",
        "if not (sets_managers and may(actor, Action.ASSIGN_MANAGERS, channel.roles)):",
        "if not sets_managers:",
        ("tests/services/test_channel_settings.py",),
    ),
    Protection(
        "permission to post early is checked in the transaction",
        "bot/services/roundups.py",
        "    check(actor, Action.CHANGE, channel.roles)\n",
        "",
        (TRANSACTION,),
    ),
    Protection(
        "permission to change the next roundup is checked in the transaction",
        "bot/services/next_roundup.py",
        "    check(actor, Action.CHANGE, channel.roles)\n",
        "",
        (TRANSACTION,),
    ),
    Protection(
        "permission to choose defaults is checked in the transaction",
        "bot/services/workspace_defaults.py",
        "    check(actor, Action.OVERSEE)\n",
        "",
        (TRANSACTION,),
    ),
    Protection(
        "permission to resolve a message is checked in the transaction",
        "bot/services/resolving.py",
        "        check(actor, Action.RESOLVE, replace(channel.roles if channel else NO_CHANNEL, owner_id=owner_id))\n",
        "",
        (TRANSACTION,),
    ),
    Protection(
        "a win is its workspace's",
        "bot/storage/wins.py",
        "_select_wins.where(wins.c.team_id == team_id, wins.c.id == win_id)",
        "_select_wins.where(wins.c.id == win_id)",
        (TENANTS,),
    ),
    Protection(
        "someone's latest wins are those in their workspace",
        "bot/storage/wins.py",
        "wins.c.team_id == team_id, wins.c.author_id == author_id, wins.c.undone_at.is_(None)",
        "wins.c.author_id == author_id, wins.c.undone_at.is_(None)",
        (TENANTS,),
    ),
    Protection(
        "a message key is its workspace's",
        "bot/storage/deliveries.py",
        'deliveries.c.team_id == bindparam("team"), deliveries.c.key == bindparam("key")',
        'deliveries.c.key == bindparam("key")',
        (TENANTS,),
    ),
    Protection(
        "a sender that stood still posts nothing",
        "bot/outbox/sender.py",
        "if time.monotonic() - started_at < STALE_CLAIM_SECONDS:",
        "if True:",
        ("tests/e2e/test_trust.py::test_a_sender_that_stood_still_after_its_intent_posts_nothing",),
    ),
    Protection(
        "a wrong clock is not gone by",
        "bot/slack/slack_clock.py",
        "if slacks is None or self._is_trusted or abs(ours - slacks) <= TOLERANCE:",
        "if True:",
        ("tests/e2e/test_trust.py::test_a_roundup_is_posted_once_by_a_machine_whose_clock_is_years_off",),
    ),
    Protection(
        "a message is not sent again where Slack's time is unknown",
        "bot/outbox/reconciler.py",
        "        if not self._knows_slacks_time():\n",
        "        if False:\n",
        ("tests/e2e/test_trust.py::test_a_roundup_is_held_where_slacks_time_is_unknown",),
    ),
    Protection(
        "a channel that became private is closed to admins",
        "bot/services/visibility.py",
        "PUBLIC_MAX_AGE = timedelta(minutes=1)",
        "PUBLIC_MAX_AGE = timedelta(hours=1)",
        ("tests/e2e/test_home.py",),
    ),
    Protection(
        "one person's wins are limited",
        "bot/services/wins.py",
        "if recent.wait and wins.of_request(",
        "if False and wins.of_request(",
        ("tests/storage/test_recent_wins.py", "tests/e2e/test_flood.py"),
    ),
    Protection(
        "kinds of messages take turns",
        "bot/slack/rate_limits.py",
        "group = next(iter(self._waiters))",
        "group = min(self._waiters, key=str)",
        ("tests/unit/test_rate_limits.py", "tests/stateful/test_fair_turns.py"),
    ),
    Protection(
        "no post waits for deletions",
        "bot/storage/lanes.py",
        "if is_ephemeral or delivery.pending_op == PendingOp.DELETE:",
        "if is_ephemeral:",
        ("tests/stateful/test_fair_turns.py",),
    ),
    Protection(
        "names have a part of Slack's limit",
        "bot/services/user_directory.py",
        "                await lookup.turn\n",
        "",
        ("tests/e2e/test_slow_slack.py::test_reactions_leave_most_of_slack_s_limit_to_those_who_act",),
    ),
    Protection(
        "who is known by now is not asked about for their name",
        "bot/services/user_directory.py",
        "            lookup.end_wait()\n",
        "            pass\n",
        ("tests/stateful/test_held_back.py",),
    ),
    Protection(
        "a lock file has every hash",
        "requirements/run.txt",
        r" \\\n    --hash=sha256:[0-9a-f]+",
        "",
        ("tests/project/test_locks.py",),
        is_pattern=True,
    ),
)
