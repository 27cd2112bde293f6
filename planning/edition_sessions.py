"""Checks of an edition's places, mail and session kinds: what is never used, reached or asked."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from planning.calendar import ONE_DAY
from planning.edition_findings import (
    BY_DAY,
    ELAPSED,
    Finding,
    night,
    no_time,
    nominal,
    one_of,
    twice,
    wrong_unit,
)
from planning.toml_lines import Path
from planning.working_time import since_midnight
from schemas.edition import Edition, MailRules, SessionKind
from schemas.people import Role
from schemas.policies import ReminderStep
from schemas.sessions import Cadence


def session_findings(edition: Edition) -> Iterator[Finding]:
    """Tell every fault of the session kinds, their reminders, the mail rules and the places."""
    yield from _ids(edition)
    yield from _recruitment(edition)
    yield from _mail(edition)
    for number, kind in enumerate(edition.sessions):
        yield from _session(("sessions", number), kind)
        yield from _coach(("sessions", number), kind)
        yield from _lead(("sessions", number), kind)
        yield from _unused(("sessions", number), kind)
        yield from _reminders(("sessions", number, "reminders"), kind, edition.mail)
    coaches = {kind.coach for kind in edition.sessions}
    for number, caseload in enumerate(edition.caseloads):
        if caseload.coach not in coaches:
            problem = "this role leads no kind of session, so that it has no caseload"
            place: Path = ("caseloads", number, "coach")
            yield Finding(place, problem, one_of(coaches), rests_on="sessions")


def _ids(edition: Edition) -> Iterator[Finding]:
    yield from twice(("phases",), "id", [phase.id for phase in edition.phases])
    yield from twice(("sessions",), "id", [kind.id for kind in edition.sessions])
    yield from twice(("caseloads",), "coach", [one.coach for one in edition.caseloads])
    recruitment: Path = ("recruitment",)
    providers = [one.kind for one in edition.recruitment.providers]
    yield from twice((*recruitment, "providers"), "kind", providers)
    commitments = [one.id for one in edition.recruitment.commitments]
    yield from twice((*recruitment, "commitments"), "id", commitments)
    for number, kind in enumerate(edition.sessions):
        place: Path = ("sessions", number)
        yield from twice((*place, "reminders"), "id", [step.id for step in kind.reminders])
        stages = [stage.obligation for stage in kind.stages]
        yield from twice((*place, "stages"), "obligation", stages)


def _recruitment(edition: Edition) -> Iterator[Finding]:
    recruitment = edition.recruitment
    if edition.id in recruitment.not_after_editions:
        yield Finding(
            ("recruitment", "not_after_editions"),
            f"names this edition, {edition.id!r}, so that nobody could keep a place in it",
            "name other editions only",
        )
    yield from no_time(("recruitment", "offer_valid"), recruitment.offer_valid)
    yield from wrong_unit(("recruitment", "undo"), recruitment.undo, ELAPSED)


def _mail(edition: Edition) -> Iterator[Finding]:
    mail = edition.mail
    if mail.opens >= mail.closes:
        problem = "the mail window closes before it opens"
        yield Finding(("mail", "closes"), problem, "let it open before it closes")
    elif not mail.opens <= mail.digest_at < mail.closes:
        yield _outside_window(("mail", "digest_at"))
    if mail.digest_weekday in edition.weekend:
        problem = "nobody works on this day of the week"
        yield Finding(("mail", "digest_weekday"), problem, "choose a working day")
    yield from wrong_unit(("mail", "latest_before_start"), mail.latest_before_start, ELAPSED)
    yield from wrong_unit(("mail", "failed_after"), mail.failed_after, ELAPSED)
    yield from no_time(("mail", "failed_after"), mail.failed_after)
    for key, at in (("opens", mail.opens), ("closes", mail.closes), ("digest_at", mail.digest_at)):
        yield from night(("mail", key), at)


def _session(path: Path, kind: SessionKind) -> Iterator[Finding]:
    yield from night((*path, "starts"), kind.starts)
    if since_midnight(kind.starts) + timedelta(minutes=kind.minutes) > ONE_DAY:
        problem = "the session would end after midnight"
        yield Finding((*path, "minutes"), problem, "start earlier or make it shorter")
    if kind.minimum > kind.planned:
        problem = f"more than the {kind.planned} planned, so that every service would be at risk"
        yield Finding((*path, "minimum"), problem, f"write at most {kind.planned}")
    if kind.held_with and not set(kind.held_with) & set(kind.attends):
        problem = "none of these roles attends, so that no session could count as held"
        yield Finding((*path, "held_with"), problem, one_of(kind.attends))


def _coach(path: Path, kind: SessionKind) -> Iterator[Finding]:
    """Tell a coach whose role has no part in sessions of this cadence, and is not handed over."""
    executive = Role.EXECUTIVE_COACH
    if kind.cadence is Cadence.MONTHLY:
        if kind.coach is not executive:
            problem = "a monthly session is a sponsor's, whom only an executive coach coaches"
            yield Finding((*path, "coach"), problem, one_of({executive}))
        return
    problem = (
        f"a {kind.cadence.value} session is a service's, and when a sponsor's coach changes only "
        "the sponsor's own sessions are handed over"
    )
    if kind.coach is executive:
        remedy = 'write delivery_coach, or cadence = "monthly"'
        yield Finding((*path, "coach"), problem, remedy)
    if executive in kind.attends:
        place = (*path, "attends", kind.attends.index(executive))
        yield Finding(place, problem, "remove this role")


def _lead(path: Path, kind: SessionKind) -> Iterator[Finding]:
    if kind.late_change is not None:
        yield from wrong_unit((*path, "late_change"), kind.late_change, BY_DAY)
    if kind.lead is None:
        return
    yield from wrong_unit((*path, "lead"), kind.lead, BY_DAY)
    for number, step in enumerate(kind.reminders):
        if nominal(step.before) > nominal(kind.lead):
            problem = f"longer ahead than the {kind.lead} at which the session may be dated"
            remedy = "remind later, or make the lead longer"
            yield Finding((*path, "reminders", number, "before"), problem, remedy)
    for number, stage in enumerate(kind.stages):
        if timedelta(days=-stage.days) > nominal(kind.lead):
            problem = f"longer ahead than the {kind.lead} at which the session may be dated"
            remedy = "begin the stage later, or make the lead longer"
            yield Finding((*path, "stages", number, "days"), problem, remedy)


def _unused(path: Path, kind: SessionKind) -> Iterator[Finding]:
    """Tell keys that sessions of this cadence never look at."""
    unused = {"due_by_week", "not_before_week", "lead", "stages"}
    if kind.cadence is Cadence.ONCE:
        unused = {"stages"}
    if kind.cadence is Cadence.FULL_DAY:
        unused = set()
    for key in sorted(unused & kind.model_fields_set):
        problem = f"a {kind.cadence.value} kind of session does not use this"
        yield Finding((*path, key), problem, "remove it, or choose another cadence")


def _reminders(path: Path, kind: SessionKind, mail: MailRules) -> Iterator[Finding]:
    for number, step in enumerate(kind.reminders):
        yield from _reminder((*path, number), step, mail)
        yield from _reminded((*path, number, "to"), step, {kind.coach, *kind.attends})
    for number, (earlier, later) in enumerate(pairwise(kind.reminders), start=1):
        if nominal(later.before) >= nominal(earlier.before):
            problem = f"{later.before} is not nearer to the session than {earlier.before} before it"
            remedy = "put the step furthest from the session first"
            yield Finding((*path, number, "before"), problem, remedy)
    if kind.reminders and kind.reminders[-1].asks == "confirm":
        problem = "the last step must inform, so that no confirmation silences it (M03)"
        place = (*path, len(kind.reminders) - 1, "asks")
        yield Finding(place, problem, 'write asks = "information"')


def _reminder(path: Path, step: ReminderStep, mail: MailRules) -> Iterator[Finding]:
    yield from night((*path, "at"), step.at)
    yield from wrong_unit((*path, "before"), step.before, BY_DAY)
    yield from no_time((*path, "before"), step.before)
    if mail.opens < mail.closes and not mail.opens <= step.at < mail.closes:
        yield _outside_window((*path, "at"))


def _reminded(path: Path, step: ReminderStep, present: set[Role]) -> Iterator[Finding]:
    if not step.to:
        yield Finding(path, "this step reminds nobody", one_of(present))
    for number, role in enumerate(step.to):
        if role not in present:
            problem = f"nobody comes to this session as {role.value}"
            yield Finding((*path, number), problem, one_of(present))


def _outside_window(path: Path) -> Finding:
    problem = "outside the mail window, so that nothing would go at this time (M02)"
    return Finding(path, problem, "choose a time between mail.opens and mail.closes")
