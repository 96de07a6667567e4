"""Every view with every branch of its words, for tests that look at all that the bot can say.

Whatever people wrote or are called is in Greek letters, so that Latin ones are the bot's own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import product
from typing import Any

from bot.domain.audit_log import AuditAction, AuditEntry, Unavailability
from bot.domain.author_notes import AuthorNote
from bot.domain.channel_settings import (
    ChannelSettings,
    ChannelUnreachable,
    Conflict,
    TargetForbidden,
    UnknownTarget,
    WorkspaceDefaults,
    WouldLeak,
)
from bot.domain.consent import Preference
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.editions import Edition
from bot.domain.home import (
    AdminOverview,
    ChannelStatus,
    HomeView,
    LastRoundup,
    MissingScope,
    MyClimb,
    Page,
    PageOffsets,
    Problem,
)
from bot.domain.joining import JoinedNote
from bot.domain.next_roundup import NextRoundup
from bot.domain.offers import Offer, Reminder
from bot.domain.owner_alerts import OwnerAlert, StuckDelivery
from bot.domain.pause_dates import NotInFuture, TooFar
from bot.domain.permissions import Action, ChannelRoles, NotAllowed, SlackUnavailable
from bot.domain.quiet_weeks import PROMPT_COUNT
from bot.domain.recurrence import Weekday
from bot.domain.roundup_composition import OPENING_COUNTS, OPENING_COUNTS_ELSEWHERE, Opening, Section, SectionKind
from bot.domain.roundups import RoundupPart, Step, ThreadSection
from bot.domain.settings_form import Cadence, RoundupStatus, from_settings
from bot.domain.slack_errors import ErrorMeaning
from bot.domain.typed_dates import Ambiguous, NoSuchDate, NotInCalendar, WrongWeekday
from bot.domain.win_limits import TooManyWins
from bot.domain.wins import Cheerers, ClimbOfWin, Draft, Empty, Mention, OnlyPeople, TooLong, WinKind
from bot.slack.installed_manifest import WAYS_IN
from bot.slack.manifest import SCOPES
from bot.views import (
    asking,
    audit_log,
    author_note,
    ephemeral,
    joining,
    my_wins,
    next_roundup_form,
    offer,
    owner_alert,
    pause,
    preview,
    refusals,
    settings_change,
    settings_form,
    thanks,
    waiting,
    workspace_defaults,
)
from bot.views.announcement import announcement
from bot.views.help import HelpContext, help_text
from bot.views.home import home
from bot.views.refused_delivery import withdrawn
from bot.views.roundup import roundup
from bot.views.translations import Translations
from tests.views.climb_samples import CLIMB, REACHED, of_climbs
from tests.views.credit_samples import of_credit
from tests.views.credited_samples import of_people_in_wins, wins_of_others
from tests.views.edit_samples import of_edits
from tests.views.edition_samples import of_editions
from tests.views.sample_data import (
    ANA,
    BEN,
    CHANNELS,
    FRIDAYS,
    LINE,
    NAMES,
    NOW,
    SCHEDULES,
    SETTINGS,
    TODAY,
    WEEK,
    ZONE,
    KnownChannel,
    full_wins,
    held_wins,
    link,
    win,
    wins_with_unnamed_people,
)
from tests.views.search_samples import of_search
from tests.views.suggestion_samples import of_suggestions
from tests.views.win_form_samples import of_win_form


def everything(t: Translations) -> Iterator[dict[str, Any]]:
    """Every message, modal and Home tab."""
    yield from of_wins(t)
    yield from of_errors(t)
    yield from of_win_form(t)
    yield from of_suggestions(t)
    yield from of_search(t)
    yield from of_roundups(t)
    yield from of_channels(t)
    yield from of_settings(t)
    yield from of_owners_and_admins(t)
    yield from of_edits(t)
    yield from of_credit(t)
    yield from of_climbs(t)
    yield from of_editions(t)


def of_wins(t: Translations) -> Iterator[dict[str, Any]]:
    nameless = win(author=Mention("U99"))
    for each in (win(), win(cheers=6), win(cheers=len(NAMES)), nameless, *full_wins(), *wins_with_unnamed_people()):
        yield announcement(t, each, NAMES, key="κ", permalink=link)
    draft = Draft("έργο", (Mention("U0", "α"), Mention("U1", "β")), ("ετικέτα",), None)
    for is_private in (True, False):
        yield ephemeral.win_saved(t, draft, 1, is_private=is_private)
        yield ephemeral.win_saved(t, replace(draft, is_own=False), 1, is_private=is_private)
        for each in full_wins():
            entered = replace(draft, kind=each.kind, is_own=each.is_own, thanked=each.thanked, reason=each.reason)
            yield ephemeral.win_saved(t, replace(entered, url=each.url), 1, is_private=is_private)
        yield ephemeral.win_saved(t, draft, 1, is_private=False, is_in_group=True)
    yield ephemeral.win_saved(t, draft, 1, is_private=False, elsewhere="C1")
    people = [Mention("U0", "α"), Mention("U1", "β" * 80), Mention("U2")]
    yield ephemeral.win_saved(t, replace(draft, credited=()), 1, is_private=False, offered=people)
    thankful = replace(draft, credited=(), thanked=(people[0],))
    yield ephemeral.win_saved(t, thankful, 1, is_private=False, offered=people[1:])
    for each in full_wins():
        yield thanks.form(t, each, private_metadata="")
    for refusal in (thanks.cannot_be_thanked, thanks.no_one_thanked, thanks.no_room, thanks.cannot_see_channel):
        yield refusal(t)
    yield thanks.failed_to_open(t)
    yield ephemeral.win_saved(t, replace(draft, is_own=False), 1, is_private=False, is_reply=True)
    for each, is_in_group in product(held_wins(), (False, True)):
        held = waiting.held(t, each, now=NOW, is_in_group=is_in_group)
        yield ephemeral.win_saved(t, draft, 1, is_private=False, held=held)
    yield ephemeral.win_undone(t, win(), NAMES)
    for remains in (ephemeral.being_removed, ephemeral.cannot_be_removed, ephemeral.may_be_posted):
        yield ephemeral.win_undone(t, win(), NAMES, remains=remains(t))
    yield withdrawn(t)
    yield my_wins.my_wins(
        t, [], NAMES, zone=ZONE, permalink=link, now=NOW, preface=ephemeral.already_undone(t, win(), NAMES)
    )
    yield my_wins.my_wins(t, [win(), win(None, 2), win(cheers=1)], NAMES, zone=ZONE, permalink=link, now=NOW)
    yield from of_people_in_wins(t)
    yield my_wins.my_wins(
        t, [replace(win(), message_ts=None, is_refused=True)], NAMES, zone=ZONE, permalink=link, now=NOW
    )
    yield my_wins.my_wins(t, held_wins(), NAMES, zone=ZONE, permalink=link, now=NOW)
    yield ephemeral.already_cheered(t, "κ")
    yield joining.already_joined(t, "κ")
    for reply in (
        joining.already_theirs,
        joining.removed_by_author,
        joining.joined_unseen,
        joining.left,
        joining.left_but_shown,
        joining.joined_unnamed,
    ):
        yield reply(t)
    for joined, removed in product(((), (BEN,), tuple(map(Mention, NAMES))), ((), (ANA, BEN))):
        told = replace(win(), credited=joined, joined=joined)
        yield joining.joined_note(t, JoinedNote(told, removed, bool(removed)), NAMES, permalink=link)
    for is_group in (False, True):
        yield ephemeral.cannot_post_here(t, is_group=is_group)
    for reply in (ephemeral.cheer_counted, ephemeral.cheer_taken_back, ephemeral.own_win):
        yield reply(t)


def of_errors(t: Translations) -> Iterator[dict[str, Any]]:
    for invalid in (TooLong("έργο"), OnlyPeople("έργο"), Empty("")):
        yield ephemeral.explain_invalid_win(t, invalid)
    for value in (None, "έργο"):
        yield ephemeral.unknown_subcommand(t, "τι", value=value)
        yield ephemeral.takes_no_words(t, "τι", "τι έργο", value=value)
    yield ephemeral.only_in_channels(t, "τι")
    for works_here in (True, False):
        yield asking.command_or_win(t, "τι", "setup", command="setup", value="τι", works_here=works_here)
    for value in ("τι", None):
        yield asking.repeated(t, "τι", value=value)
        for minutes in (1, 60):
            too_many = TooManyWins(timedelta(minutes=minutes))
            yield asking.wait_a_while(t, too_many, "τι", value=value, may_repeat=minutes == 1)
    for reply in (
        *(ephemeral.form_was_tampered_with, ephemeral.modal_failed_to_open),
        *(ephemeral.win_not_found, ephemeral.already_handled, ephemeral.unhandled, ephemeral.saved_but_not_shown),
    ):
        yield reply(t)
    for text in ("", "έργο"):
        yield ephemeral.internal_error(t, "0", text=text)
        for may_be_saved, is_lost in ((False, False), (True, False), (False, True)):
            yield ephemeral.database_unavailable(t, may_be_saved=may_be_saved, is_lost=is_lost, text=text)
        yield ephemeral.unknown_workspace(t, text=text)
    yield refusals.loading_modal(t)
    refused: list[refusals.Refusal] = [
        *(NotAllowed(action) for action in Action),
        NotAllowed(Action.CHANGE, ["α", "β"]),
        TargetForbidden(["α"]),
        *(ChannelUnreachable(why) for why in Unavailability),
        *(
            SlackUnavailable(),
            SlackUnavailable("missing_scope", ErrorMeaning.MISSING_SCOPE),
            Conflict(),
            WouldLeak(),
            UnknownTarget(),
        ),
        TargetForbidden(),
    ]
    for refusal in refused:
        yield refusals.explain_refusal(t, refusal)


def of_roundups(t: Translations) -> Iterator[dict[str, Any]]:
    sections = [Section(kind, "ετικέτα" if kind is SectionKind.THEME else None) for kind in SectionKind]
    in_thread = tuple(ThreadSection(section, 2, None) for section in sections)
    part = RoundupPart(
        "C1", "C1", NOW, NOW + WEEK, ZONE, False, 0, 1, 1, (win(cheers=2),), Cheerers.of(tuple(NAMES)[:2])
    )
    parts = [
        *(replace(part, due_at=NOW + timedelta(days=day)) for day in range(12)),
        replace(part, win_count=12, part_count=2),
        replace(part, win_count=12, part_count=2, thread=in_thread),
        replace(part, starts_on=TODAY, note="λόγος", note_by="U1", wins=(win(), *full_wins())),
        replace(part, number=1, part_count=2),
        replace(part, target_channel_id="C2", due_at=NOW - WEEK),
        replace(part, is_quiet=True, wins=()),
        replace(part, is_quiet=True, wins=(), target_channel_id="C2"),
        *(replace(part, is_quiet=True, wins=(), opening=str(number)) for number in range(PROMPT_COUNT)),
    ]
    parts += [replace(part, starts_on=TODAY - timedelta(days=days)) for days in (4, 12, 30, 70, 400)]
    learning = replace(win(), id=2, kind=WinKind.LEARNING)
    step = replace(win(), id=3, climb=ClimbOfWin(1, "άνοδος"))
    in_sections = replace(
        part,
        wins=(step, replace(win(), id=4, tags=("ετικέτα",)), win(), learning),
        section_of=dict(zip((3, 4, 1, 2), sections, strict=True)),
    )
    parts += [replace(in_sections, steps={3: Step(number, is_last=True)}) for number in range(1, 12)]
    openings = [Opening(mood, number) for mood, count in OPENING_COUNTS.items() for number in range(count)]
    for opening, starts_on, count in product(openings, (TODAY, TODAY - timedelta(days=4)), (1, 4)):
        parts.append(replace(parts[-1], opening=str(opening), starts_on=starts_on, win_count=count))
    elsewhere = [Opening(mood, number) for mood, count in OPENING_COUNTS_ELSEWHERE.items() for number in range(count)]
    for opening, count in product(elsewhere, (1, 4)):
        parts.append(replace(parts[-1], opening=str(opening), target_channel_id="C2", win_count=count))
    parts.append(replace(in_sections, steps={}, number=1))
    parts.append(replace(in_sections, wins=(win(), learning)))  # it begins with the rest
    for each in parts:
        yield roundup(t, each, NAMES, key="κ", permalink=link, posted_at=NOW)
    for told in (full_wins(), wins_with_unnamed_people()):
        yield roundup(t, replace(part, wins=told), NAMES, key="κ", permalink=link, posted_at=NOW)
    long_names = dict.fromkeys(NAMES, "α" * 40)
    for cheers in (1, 2):  # they are only counted where there is no room for names
        crowded = replace(part, wins=(win(cheers=cheers),) * 20)
        yield roundup(t, crowded, long_names, key="κ", permalink=link, posted_at=NOW)
    for channel, each in product(CHANNELS, parts[12:17]):
        yield from preview.preview(t, [each], NAMES, channel=channel, permalink=link, now=NOW)
    for count in (0, 1, 2):
        yield preview.with_rest(t, {"text": "", "blocks": []}, count)
        yield preview.posted(t, count, None, now=NOW)
    for count, due_at, target in product((1, 2), (None, NOW), (None, "C2")):
        yield preview.confirm_post_now(t, count, up_to=1, next_due_at=due_at, zone=ZONE, target_channel_id=target)
    yield preview.not_posted(t)
    yield preview.cannot_post(t, KnownChannel(SETTINGS, None, Unavailability.REMOVED), now=NOW)


def of_channels(t: Translations) -> Iterator[dict[str, Any]]:
    for missing in ([], *([scope] for scope in WAYS_IN), list(WAYS_IN)):
        yield help_text(t, None, missing_ways_in=missing, now=NOW)
    for win_ids in ([], [1], [1, 2]):
        yield preview.with_buttons(t, preview.not_posted(t), win_ids)
    alone = NextRoundup("C1", None, (win(), replace(win(), id=2)), set())
    for note, left_ids in ((None, set()), ("Well done!", {1}), ("Well done!", {1, 2})):
        changed = replace(alone, note=note, left_ids=left_ids)
        yield next_roundup_form.form(t, changed, NAMES, private_metadata="{}")
        yield next_roundup_form.form(t, replace(changed, has_more=True), NAMES, private_metadata="{}")
        yield next_roundup_form.saved(t, changed)
    yield {"text": next_roundup_form.too_long(t), "blocks": []}
    yield help_text(t, None, is_in_group=True, now=NOW)
    for channel, may_change in product(CHANNELS, (True, False)):
        yield help_text(t, HelpContext(channel, may_change), now=NOW)
        for left_count in range(3):
            yield preview.no_wins(t, channel, left_count=left_count, now=NOW)
    roles = [ChannelRoles(), ChannelRoles(creator="U0")]
    for due_at, may_accept, role, has_saved in product((None, NOW), (True, False), roles, (True, False)):
        proposal = Offer("C1", "U0", SETTINGS, due_at, may_accept, role, has_saved)
        yield offer.offer(t, proposal, NAMES, now=NOW)
    for schedule in SCHEDULES:
        yield offer.offer_accepted(t, KnownChannel(SETTINGS, NOW), schedule, now=NOW)
    upcoming = Reminder("C1", NOW + timedelta(days=1), FRIDAYS)
    yield offer.reminder(t, upcoming, permalink=link)
    yield offer.reminder(t, replace(upcoming, win_ts="1900000000.000001"), permalink=link)
    for set_up in filter(None, CHANNELS):
        for reply in (
            *(pause.resumed, pause.nothing_to_resume, pause.no_longer_next, pause.nothing_to_skip),
            *(pause.already_paused, pause.paused, pause.not_set_up),
        ):
            yield reply(t, set_up, now=NOW)
        if set_up.settings is not None:
            schedule = set_up.settings.schedule
            yield pause.ask_which_pause(t, set_up, schedule, now=NOW)
            yield offer.offer_accepted(t, set_up, schedule, now=NOW)
            yield offer.already_configured(t, set_up, schedule, now=NOW)
    for count in (1, 2, 9):
        dates = [TODAY + each * WEEK for each in range(count)]
        yield pause.skipped(t, KnownChannel(SETTINGS, NOW), dates, today=TODAY, now=NOW)
    yield pause.paused(t, KnownChannel(SETTINGS, NOW), skips_none=True, now=NOW)
    for refusal in refused_dates("πότε"):
        yield pause.no_such_date(t, refusal)
    yield pause.no_pause(t, "πότε", value="πότε")


def refused_dates(typed: str) -> list[NoSuchDate]:
    """Each reason why a pause can't end on what was typed."""
    unusable = [kind(typed, TODAY) for kind in (NotInFuture, TooFar)]
    return [
        Ambiguous(typed),
        Ambiguous(typed, [TODAY, TODAY + WEEK]),
        NotInCalendar(typed),
        WrongWeekday(typed, TODAY, Weekday.MONDAY),
        *unusable,
    ]


def of_settings(t: Translations) -> Iterator[dict[str, Any]]:
    roles = [ChannelRoles(), ChannelRoles("U0", "U1", frozenset({"U0", "U2"}))]
    warnings = [
        *(
            each
            for why in Unavailability
            for each in settings_form.warnings(t, KnownChannel(None, None, why), why, ["α"], now=NOW)
        ),
        *settings_form.warnings(t, KnownChannel(None), None, ["α", "β"], now=NOW),
        settings_form.conflict_warning(t, entries()[0], NAMES, now=NOW),
        settings_form.conflict_warning(t, None, NAMES, now=NOW),
    ]
    shown: list[tuple[ChannelSettings, dict[str, Any]]] = [
        *((SETTINGS, {"cadence": str(cadence), "every_weeks": "2"}) for cadence in Cadence),
        *((SETTINGS, {"state": str(state)}) for state in RoundupStatus),
        (LINE, {}),
        (replace(SETTINGS, editions=frozenset(Edition), joins_workspace_roundup=True), {}),
        (SETTINGS.with_schedule(FRIDAYS.paused(None)), {}),
        (SETTINGS.with_schedule(FRIDAYS.turned_off()), {}),
        (SETTINGS.with_schedule(FRIDAYS.paused(date(2030, 5, 1))), {}),
    ]
    for (settings, entered), role in product(shown, roles):
        data = from_settings(settings, channel_id="C1", today=TODAY).updated(entered)
        for made, own_zone in ((None, None), (settings, "America/New_York"), (settings, "Pacific/Auckland")):
            page = settings_form.Form(
                "C1",
                KnownChannel(settings if role.owner_id else None),
                settings.schedule,
                data,
                made,
                [NOW, NOW + 60 * WEEK],
                own_zone,
                True,
                role,
                entries()[0],
                warnings,
                NOW,
                is_public=True,
            )
            yield settings_form.form(t, page, NAMES, private_metadata="")
            yield settings_form.settings(t, page, NAMES)
            yield settings_form.confirm_off(t, page, private_metadata="")
    for why in Unavailability:
        away = replace(page, channel=KnownChannel(None, None, why))
        yield settings_form.form(t, away, NAMES, private_metadata="")
        yield settings_form.settings(t, away, NAMES)
        yield settings_form.saved_while_away(t, KnownChannel(SETTINGS, None, why), now=NOW)
    for scopes in ([], ["α"]):
        yield settings_form.no_access_modal(t, scopes, now=NOW)
    for text in {**settings_form.errors(t), **workspace_defaults.errors(t)}.values():
        yield {"text": text}
    for defaults in (WorkspaceDefaults(), WorkspaceDefaults(zone=ZONE, roundup_channel_id="C3")):
        yield workspace_defaults.form(t, defaults, private_metadata="")
        yield workspace_defaults.form(t, WorkspaceDefaults(), private_metadata="", current=defaults)
    for is_newest in (True, False):
        yield audit_log.log(t, entries(), NAMES, visible=["C1"], zone=ZONE, has_older=True, is_newest=is_newest)
    yield audit_log.log(t, [], NAMES, visible=[], zone=ZONE, has_older=False, is_newest=True)
    for entry, channel_id in product(entries(), ("C1", "C2")):
        yield settings_change.change_notice(t, entry, NAMES, channel_id=channel_id, now=NOW)


def entries() -> Sequence[AuditEntry]:
    """Return an entry of the audit log for each change that has words of its own."""
    old, people = SETTINGS, frozenset(NAMES)
    changed = [
        LINE,
        old.with_schedule(replace(FRIDAYS, local_time=time(9))),
        *(old.with_schedule(schedule) for schedule in SCHEDULES[-7:]),
        replace(old, editions=frozenset(Edition), joins_workspace_roundup=True),
        replace(old, manager_ids=people),
        replace(old, manager_ids=frozenset({"U0"})),
        old,
    ]
    values: list[tuple[AuditAction, Any, Any]] = [
        *((AuditAction.CONFIGURED, None, old.with_schedule(schedule).to_json()) for schedule in SCHEDULES),
        *((AuditAction.SETTINGS_CHANGED, old.to_json(), new.to_json()) for new in changed),
        *((AuditAction.SETTINGS_CHANGED, new.to_json(), old.to_json()) for new in changed),
        (AuditAction.OWNER_CHANGED, None, {"owner": "U0"}),
        *((AuditAction.POSTED_EARLY, None, {"wins": wins}) for wins in (1, 2)),
        *((AuditAction.NEXT_ROUNDUP_CHANGED, None, {"note": "Well done!", "left": left}) for left in (0, 1, 2)),
        (AuditAction.NEXT_ROUNDUP_CHANGED, {"note": "Well done!", "left": 1}, {"note": None, "left": 0}),
        (AuditAction.DELIVERY_RESOLVED, None, {"state": DeliveryState.POSTED}),
        (AuditAction.DELIVERY_RESOLVED, None, {"state": DeliveryState.PENDING}),
        *(
            (AuditAction.DELIVERY_RESOLVED, {"state": DeliveryState.POSTED}, {"state": after})
            for after in (DeliveryState.POSTED, DeliveryState.PENDING)
        ),
        (AuditAction.DEFAULTS_CHANGED, WorkspaceDefaults().to_json(), WorkspaceDefaults(zone=ZONE).to_json()),
        *((AuditAction.BOT_LEFT, None, {"unavailable_reason": why.value}) for why in Unavailability),
        (AuditAction.BOT_LEFT, {"unavailable_reason": "archived"}, {"unavailable_reason": "removed"}),
        (AuditAction.BOT_RETURNED, {"unavailable_reason": "removed"}, None),
        (AuditAction.CHANNEL_ID_CHANGED, {"channel_id": "C1"}, {"channel_id": "C3"}),
        (AuditAction.BECAME_PRIVATE, LINE.to_json(), old.to_json()),
        (AuditAction.BECAME_PRIVATE, replace(old, joins_workspace_roundup=True).to_json(), old.to_json()),
    ]
    made = [
        AuditEntry(
            number,
            "T1",
            None if action is AuditAction.DEFAULTS_CHANGED else "C1",
            "U0",
            action,
            before,
            after,
            NOW,
            NOW + WEEK,
        )
        for number, (action, before, after) in enumerate(values)
    ]
    returned = next(entry for entry in made if entry.action is AuditAction.BOT_RETURNED)
    return [*made, replace(made[0], actor_id=None), replace(returned, next_due_at=None)]


def of_owners_and_admins(t: Translations) -> Iterator[dict[str, Any]]:
    refused_change = StuckDelivery(
        "κ", DeliveryKind.ANNOUNCEMENT, "C1", DeliveryState.POSTED, "λάθος", None, ZONE, "C1", "1.0"
    )
    stuck = [
        *(StuckDelivery("κ", DeliveryKind.ROUNDUP, "C1", state, "λάθος", NOW, ZONE, "C2") for state in DeliveryState),
        StuckDelivery("κ", DeliveryKind.ROUNDUP, "C1", DeliveryState.REJECTED, None, NOW, ZONE, "C1"),
        *(StuckDelivery("κ", DeliveryKind.EDITION, "C1", state, "λάθος", NOW, ZONE, "C1") for state in DeliveryState),
        *(
            StuckDelivery("κ", DeliveryKind.EDITION, "C1", state, "λάθος", NOW, ZONE, "C1", is_of_workspace=True)
            for state in DeliveryState
        ),
        StuckDelivery("κ", DeliveryKind.ANNOUNCEMENT, "C1", DeliveryState.NEEDS_REVIEW, "λάθος", None, ZONE),
        *(
            StuckDelivery(
                "κ", DeliveryKind.ANNOUNCEMENT, "C1", DeliveryState.REJECTED, "λάθος", None, ZONE, refusal=meaning
            )
            for meaning in (*ErrorMeaning, None)
        ),
        *(
            replace(refused_change, shows_hidden=meaning is not None, refusal=meaning, similar_count=count)
            for meaning in (*ErrorMeaning, None)
            for count in ((0,) if meaning else (0, 1, 2))
        ),
    ]
    for is_direct, is_opted_out in ((True, True), (True, False), (False, False)):
        note = AuthorNote(win(), (stuck[-1], *stuck[-3:]), is_opted_out)
        yield author_note.not_shared(t, note, NAMES, is_direct=is_direct)
        yield author_note.not_shared(t, replace(note, is_in_group=True), NAMES, is_direct=is_direct)
        for is_undone in (True, False):
            of_win = replace(note, win=replace(note.win, is_undone=is_undone))
            yield author_note.not_removed(t, of_win, NAMES, permalink=link, is_direct=is_direct)
    for start in range(0, len(stuck), 4):
        yield owner_alert.owner_alert(t, OwnerAlert(tuple(stuck[start:][:4])), NAMES, permalink=link, now=NOW)
    for count in (21, 22):
        many = OwnerAlert((stuck[0],) * count, (), is_opted_out=True)
        yield owner_alert.owner_alert(t, many, NAMES, permalink=link, now=NOW)
    for entry in entries():
        yield owner_alert.owner_alert(t, OwnerAlert((), (entry,)), NAMES, permalink=link, now=NOW)
    for reply in (
        owner_alert.decision_noted,
        owner_alert.already_resolved,
        owner_alert.searched_again,
        owner_alert.not_your_alert,
    ):
        yield reply(t)
    yield from of_home(t, stuck)


def of_home(t: Translations, stuck: Sequence[StuckDelivery]) -> Iterator[dict[str, Any]]:
    problems: list[Problem] = [
        *stuck,
        *map(MissingScope, SCOPES),
    ]
    on = ChannelStatus("C1", SETTINGS, None, NOW, "U0", False, True, LastRoundup(NOW, NOW, DeliveryState.POSTED))
    statuses = [
        on,
        replace(on, settings=None),
        replace(on, settings=SETTINGS.with_schedule(FRIDAYS.paused(None)), may_change=False),
        *(replace(on, unavailable_reason=why, is_owner_inactive=True) for why in Unavailability),
        *(replace(on, last_roundup=LastRoundup(NOW, None, state)) for state in DeliveryState),
        replace(on, is_readable=False),
    ]
    problems += [replace(on, unavailable_reason=why, is_owner_inactive=True) for why in Unavailability]
    overview = AdminOverview(
        Page(problems, 5, 99, 10), Page(statuses, 0, 99, 10), False, WorkspaceDefaults(), [*WAYS_IN]
    )
    my_climbs = [MyClimb(each, n, NOW) for n, each in enumerate([CLIMB, replace(REACHED, channel_id=None)], 1)]
    by_week = [replace(win(), created_at=NOW - n * WEEK) for n in (0, 1, 2, 60)]
    chosen = WorkspaceDefaults(zone=ZONE, roundup_channel_id="C3")
    empty = AdminOverview(Page([], 0, 0, 10), Page([], 0, 0, 10), True, chosen)
    views = [
        HomeView([win(), win(None)], Page(statuses, 5, 99, 10), overview, True, ZONE, PageOffsets(), NOW),
        HomeView([], Page([], 0, 0, 10), empty, True, ZONE, PageOffsets(), NOW),
        HomeView([], Page([], 0, 0, 10), overview, True, ZONE, PageOffsets(), NOW, has_problem_channels=True),
        HomeView([], None, None, False, ZONE, PageOffsets(), NOW, others=wins_of_others(is_complete=False)),
        HomeView([], None, None, False, ZONE, PageOffsets(), NOW, uncheered=[win(), *wins_with_unnamed_people()]),
        HomeView([], None, None, False, ZONE, PageOffsets(), NOW, climbs=my_climbs, is_first_time=True),
        HomeView(by_week, None, None, False, ZONE, PageOffsets(), NOW),
        HomeView([], None, None, False, ZONE, PageOffsets(), NOW, others=wins_of_others(), wants_messages=False),
        *(HomeView([], None, None, False, ZONE, PageOffsets(), NOW, preference=each) for each in Preference),
        *(HomeView([], None, None, False, ZONE, PageOffsets(), NOW, wants_look_back=each) for each in (True, False)),
    ]
    for view in views:
        yield home(t, view, NAMES, permalink=link, url="https://acme.slack.com/")
