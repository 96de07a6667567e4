"""Protections, each of which the suite must miss when it is gone. `make mutants` takes away every one of them.

A change that went unnoticed once gets a line here, with the test that notices it now.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.mutations import Mutation

TRANSACTION = "tests/services/test_permission_in_the_transaction.py"
TENANTS = "tests/storage/test_two_tenants.py"
STALLED = "tests/storage/test_stalled_database.py"
MIGRATIONS = "tests/storage/test_migrations.py"
HEALTH = "tests/e2e/test_health.py"
ODD_ANSWERS = "tests/unit/test_odd_answers.py"
HALF_SENT = "tests/receivers/test_half_sent.py"
DIRECTORY = "tests/unit/test_user_directory.py"


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
        "if time.monotonic() - started_at < STALE_INTENT_SECONDS:",
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
        "a signature's age is by Slack's clock",
        "bot/app.py",
        "request_time=slack_clock.request_time,",
        "request_time=lambda: utc_now().timestamp(),",
        ("tests/receivers/test_signatures.py::test_slack_is_let_in_by_a_machine_whose_clock_is_years_off",),
    ),
    Protection(
        "a message is not sent again where Slack's time is unknown",
        "bot/outbox/reconciler.py",
        "        if not self._knows_slacks_time():\n",
        "        if False:\n",
        ("tests/e2e/test_trust.py::test_a_roundup_is_held_where_slacks_time_is_unknown",),
    ),
    Protection(
        "Slack isn't asked for ever whether a message is there",
        "bot/outbox/reconciler.py",
        "if self._clock() - (delivery.attempted_at or delivery.created_at) > GIVE_UP_AFTER:",
        "if False:",
        ("tests/e2e/test_trust.py::test_a_roundup_whose_history_can_not_be_read_for_a_day_is_held",),
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
        "only so many people are looked up for a message",
        "bot/services/user_directory.py",
        "if user_id not in known][:MAX_SHOWN]",
        "if user_id not in known]",
        (DIRECTORY,),
    ),
    Protection(
        "only so many people wait to be looked up",
        "bot/services/user_directory.py",
        "if len(lookups) >= MAX_LOOKUPS:",
        "if False:",
        (DIRECTORY,),
    ),
    Protection(
        "who was looked up in vain is not asked about for a while",
        "bot/services/user_directory.py",
        "if failed_at is not None and now < failed_at + REST_SECONDS:",
        "if False:",
        (DIRECTORY,),
    ),
    Protection(
        "who is known by now is not asked about for their name",
        "bot/services/user_directory.py",
        "            lookup.end_wait()\n",
        "            pass\n",
        ("tests/stateful/test_held_back.py",),
    ),
    Protection(
        "every session of PostgreSQL has its limits",
        "bot/storage/database.py",
        "        time_limits.limit_sessions(postgresql_engine, time_limits.SESSION_LIMITS)\n",
        "",
        (f"{STALLED}::test_a_server_limits_every_session",),
    ),
    Protection(
        "a connection finds out that its server is gone",
        "bot/storage/time_limits.py",
        "            options.setdefault(name, value)\n",
        "            pass\n",
        (f"{STALLED}::test_every_connection_finds_out_that_its_server_is_gone",),
    ),
    Protection(
        "the leader's connection finds out that its server is gone",
        "bot/storage/leader_election.py",
        "arguments = {**time_limits.CONNECT_ARGUMENTS, **conninfo_to_dict(dsn)}",
        "arguments = {**conninfo_to_dict(dsn)}",
        (f"{STALLED}::test_every_connection_finds_out_that_its_server_is_gone",),
    ),
    Protection(
        "a command doesn't wait for a database that went silent",
        "bot/storage/time_limits.py",
        "        with watchdog.operation():\n            yield\n",
        "        yield\n",
        (f"{STALLED}::test_a_command_waits_no_longer_than_the_bot_for_a_database_that_goes_silent",),
    ),
    Protection(
        "a connection that doesn't answer is broken",
        "bot/storage/time_limits.py",
        "if operation.ends_at < now:",
        "if False:",
        ("tests/storage/test_watchdog.py",),
    ),
    Protection(
        "what no one waits for any more is not committed",
        "bot/storage/writer.py",
        "write.is_given_up = not write.is_committing",
        "write.is_given_up = False",
        (f"{STALLED}::test_a_write_that_no_one_waits_for_any_more_is_never_committed",),
    ),
    Protection(
        "a bot that hangs when it is asked to stop is ended",
        "bot/app.py",
        '        options["on_signal"] = end_process_later\n',
        "        pass\n",
        ("tests/unit/test_stopping.py::test_a_bot_that_hangs_when_it_is_asked_to_stop_is_ended_too",),
    ),
    Protection(
        "replicas take turns to change rows",
        "bot/storage/writer.py",
        "            _wait_for_turn(connection)\n",
        "            pass\n",
        ("tests/storage/test_replicas.py::test_transactions_that_change_rows_take_turns_and_new_wins_do_not_wait",),
    ),
    Protection(
        "what is written in bulk takes turns, too",
        "bot/storage/database.py",
        "takes_turn=not only_adds",
        "takes_turn=False",
        ("tests/storage/test_replicas.py::test_transactions_that_change_rows_take_turns_and_new_wins_do_not_wait",),
    ),
    Protection(
        "a bulk read has not the time of one request",
        "bot/storage/bulk_reader.py",
        ", context=Context())",
        ")",
        ("tests/storage/test_bulk_reader.py::test_a_shared_read_is_of_no_one_s_request",),
    ),
    Protection(
        "a workspace's channel isn't taken for that of another when both are asked for",
        "bot/storage/columns.py",
        " AND {first} || ' ' || {second} {both})",
        ")",
        ("tests/storage/test_asked_together.py::test_no_value_of_a_pair_is_taken_for_that_of_another",),
    ),
    Protection(
        "after a deadlock each write is done alone",
        "bot/storage/writer.py",
        "        if _is_in_conflict(error):\n            raise _InConflict from error\n",
        "",
        ("tests/storage/test_replicas.py::test_after_a_deadlock_each_write_is_done_in_a_transaction_of_its_own",),
    ),
    Protection(
        "nothing is saved in a database file that is gone",
        "bot/storage/database_file.py",
        "        if problem is not None:\n            raise DatabaseLost(self._advice(problem))\n",
        "",
        ("tests/e2e/test_no_database.py::test_after_the_database_file_was_tampered_with_nothing_is_called_saved",),
    ),
    Protection(
        "a bot whose database takes no writes is not ready",
        "bot/readiness.py",
        "        await database.write(partial(probe.write, now=clock()))\n",
        "",
        ("tests/e2e/test_no_database.py::test_a_disk_that_takes_nothing_is_told",),
    ),
    Protection(
        "a replica that can't be elected is not ready",
        "bot/readiness.py",
        '        "the election of the replica that posts": partial(_check_election, election),\n',
        "",
        (f"{HEALTH}::test_a_replica_that_can_not_be_elected_is_told",),
    ),
    Protection(
        "a bot whose ticker stands still is not ready",
        "bot/readiness.py",
        '        "the ticker": partial(_check_ticker, tick_age),\n',
        "",
        (f"{HEALTH}::test_a_ticker_that_stands_still_is_told",),
    ),
    Protection(
        "a bot without a connection to Slack is not ready",
        "bot/readiness.py",
        '        "the connection to Slack": partial(_check_connection, is_connected),\n',
        "",
        (f"{HEALTH}::test_a_lost_connection_to_slack_is_told",),
    ),
    Protection(
        "a bot whose token Slack refuses is not ready",
        "bot/readiness.py",
        '        "Slack": TokenCheck(clients).check,\n',
        "",
        (f"{HEALTH}::test_a_token_with_which_the_bot_can_do_nothing_is_told",),
    ),
    Protection(
        "a redirect is not followed",
        "bot/slack/http_session.py",
        "if 300 <= self.status < 400:",
        "if False:",
        (f"{ODD_ANSWERS}::test_a_redirect_leaves_open_what_became_of_the_request",),
    ),
    Protection(
        "an answer is read up to a limit",
        "bot/slack/http_session.py",
        "if len(body) > MAX_ANSWER_BYTES:",
        "if False:",
        (f"{ODD_ANSWERS}::test_an_odd_answer_is_none",),
    ),
    Protection(
        "a Retry-After is obeyed up to an hour",
        "bot/slack/errors.py",
        "return min(max(float(value), MIN_RETRY_AFTER), MAX_RETRY_AFTER)",
        "return max(float(value), MIN_RETRY_AFTER)",
        (f"{ODD_ANSWERS}::test_a_retry_after_is_obeyed_up_to_an_hour",),
    ),
    Protection(
        "only people's cheers count",
        "bot/storage/cheers.py",
        "(table.c.user_id != SLACKBOT) & ~exists().where(is_user, users.c.is_active.is_(False))",
        "table.c.user_id != SLACKBOT",
        ("tests/e2e/test_whose_cheers_count.py",),
    ),
    Protection(
        "a request has to be whole in time",
        "bot/receivers/connections.py",
        "            self._timer = self._loop.call_later(REQUEST_SECONDS, self._close_late)\n",
        "            pass\n",
        (f"{HALF_SENT}::test_a_request_has_to_be_whole_in_time",),
    ),
    Protection(
        "a request that comes with another has to be whole in time",
        "bot/receivers/connections.py",
        "    connection.connections.begin_request(connection)",
        "    pass",
        (f"{HALF_SENT}::test_a_request_that_comes_with_another_has_to_be_whole_in_time_too",),
    ),
    Protection(
        "only so many connections wait for a request",
        "bot/receivers/connections.py",
        "while len(self._idle) + len(self._sending) > self._limit:",
        "while False:",
        (f"{HALF_SENT}::test_three_hundred_half_sent_requests_keep_no_one_waiting",),
    ),
    Protection(
        "what an error says is not logged",
        "bot/log.py",
        "return str(error) if is_safe else None",
        "return str(error)",
        ("tests/e2e/test_log.py::test_an_error_says_what_cannot_be_what_someone_wrote",),
    ),
    Protection(
        "the values in what a library says are not logged",
        "bot/log.py",
        "record.getMessage() if is_own else _gist(record)",
        "record.getMessage()",
        ("tests/e2e/test_log.py::test_what_a_library_says_is_logged_without_values",),
    ),
    Protection(
        "Python prints nothing of an error that can be raised nowhere",
        "bot/log.py",
        "    sys.unraisablehook = _log_ignored\n",
        "",
        ("tests/e2e/test_log.py::test_an_error_that_can_be_raised_nowhere_is_logged_without_what_it_says",),
    ),
    Protection(
        "only so much of the log waits for someone to read it",
        "bot/log.py",
        "        if self._taken - self._written > room:\n",
        "        if False:\n",
        ("tests/unit/test_log_output.py::test_what_no_one_reads_is_left_out_beyond_a_limit_and_counted",),
    ),
    Protection(
        "an error of a migration doesn't say what is stored",
        "bot/storage/schema.py",
        "create_engine(url, hide_parameters=True)",
        "create_engine(url)",
        (f"{MIGRATIONS}::test_an_error_of_a_migration_says_nothing_that_is_stored",),
    ),
    Protection(
        "the database of a newer version is not migrated",
        "bot/storage/schema.py",
        "            _refuse_newer(current_revision)\n",
        "",
        (f"{MIGRATIONS}::test_a_database_of_a_newer_winsome_is_refused_in_words",),
    ),
    Protection(
        "one migration runs at once",
        "bot/storage/schema.py",
        "                if not lock.scalar_one():\n                    raise MigrationRunning\n",
        "                lock.scalar_one()\n",
        (f"{MIGRATIONS}::test_of_two_migrations_of_a_postgresql_at_once_one_is_refused_in_words",),
    ),
    Protection(
        "only its owner reads the database",
        "bot/storage/database.py",
        "            each.chmod(0o600)\n",
        "            pass\n",
        ("tests/e2e/test_command_line.py::test_only_its_owner_reads_the_database",),
    ),
    Protection(
        "a value in .env is taken as it is written",
        "bot/config.py",
        "dotenv_values(dotenv, interpolate=False)",
        "dotenv_values(dotenv)",
        ("tests/unit/test_config.py::test_a_value_in_the_file_is_taken_as_it_is_written",),
    ),
    Protection(
        "sessions that are shared are refused",
        "bot/storage/leader_election.py",
        'if pid_of_other == before or await _ask(one, "SELECT pg_backend_pid()") != before:',
        "if False:",
        (f"{STALLED}::test_behind_a_pooler_that_shares_sessions_no_bot_starts",),
    ),
    Protection(
        "the leader asks whether its session still has the lock",
        "bot/storage/leader_election.py",
        "if not await _ask(connection, HOLDS_LOCK, [pid, session, LOCK_ID]):",
        "if False:",
        (f"{HEALTH}::test_a_replica_that_can_not_be_elected_is_told",),
    ),
    Protection(
        "the SDK repeats no post",
        "bot/slack/http_session.py",
        "session=session, retry_handlers=[])",
        "session=session)",
        ("tests/e2e/test_trust.py::test_a_roundup_of_unknown_outcome_is_looked_for_and_posted_once",),
    ),
    Protection(
        "a post goes out whose intent was stored though the database didn't say so",
        "bot/outbox/sender.py",
        "await self._persist(partial(self._database.write, requeue))",
        "pass",
        ("tests/e2e/test_trust.py::test_a_post_goes_out_whose_intent_was_kept_though_the_database_did_not_say_so",),
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
