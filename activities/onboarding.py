"""Course transactions between the signed commitments and the first session (R16)."""

from collections import Counter
from datetime import date, datetime, timedelta

from activities.chasing import close_all, open_obligation
from activities.holders import enrolment_of, holders_of
from activities.scheduling import add, join, new_session, put, refuse_clash
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from activities.weekly import plan_weekly, replan_weekly, weekly_kind
from planning.placing import Busy, Search, proposals
from schemas.commands import (
    AssignCoach,
    ChooseSlot,
    DateEvent,
    NameTeam,
    SeekPartner,
    SetSponsorSession,
    TakeStep,
)
from schemas.courses import CourseState, Stage
from schemas.edition import SessionKind
from schemas.ids import executive_course_id, service_course_id
from schemas.obligations import ONBOARDING, ObligationKind, ObligationState
from schemas.people import Role
from schemas.sessions import Cadence, Session, SessionState
from storage import courses, people, roles, sessions

IN_ONBOARDING = {Stage.ONBOARDING, Stage.COACHING}


class OnboardingActivities(CourseActivities):
    """What must be settled before a service is coached."""

    @course_transaction
    def begin_onboarding(self, command: TakeStep) -> CourseState:
        """Open the six things to settle, each chased by its own policy (R16)."""
        return self.carry_out(command, _begin_onboarding)

    @course_transaction
    def name_team(self, command: NameTeam) -> CourseState:
        """Note who is in the project team."""
        return self.carry_out(command, _name_team)

    @course_transaction
    def seek_partner(self, command: SeekPartner) -> CourseState:
        """Note that a lived-experience partner has joined, or is being sought."""
        return self.carry_out(command, _seek_partner)

    @course_transaction
    def assign_coach(self, command: AssignCoach) -> CourseState:
        """Assign the delivery coach; beyond the usual caseload it answers with a warning (C16)."""
        return self.carry_out(command, _assign_coach)

    @course_transaction
    def choose_slot(self, command: ChooseSlot) -> CourseState:
        """Set the weekly slot, unless the coach has another service at that hour (C15)."""
        return self.carry_out(command, _choose_slot)

    @course_transaction
    def date_event(self, command: DateEvent) -> CourseState:
        """Put a full-day event on a day that keeps its lead (X12, C05)."""
        return self.carry_out(command, _date_event)

    @course_transaction
    def set_sponsor_session(self, command: SetSponsorSession) -> CourseState:
        """Set the sponsor's first executive session; their coaching plans the others (C07)."""
        return self.carry_out(command, _set_sponsor_session)

    @course_transaction
    def plan_sessions(self, command: TakeStep) -> CourseState:
        """Write the weekly sessions, the event and the check-in with all their messages."""
        return self.carry_out(command, _plan_sessions)


def _begin_onboarding(transaction: CourseTransaction, _command: TakeStep) -> None:
    transaction.save(stage=Stage.ONBOARDING)
    transaction.note("onboarding.begun")
    enrolment = enrolment_of(transaction)
    for kind in ONBOARDING:
        open_obligation(transaction, kind)
    if enrolment.sponsor_first_at is not None:
        close_all(transaction, ObligationState.DONE, kind=ObligationKind.SPONSOR_SESSION_SET)
        transaction.wake(_executive_course(transaction))


def _executive_course(transaction: CourseTransaction) -> str:
    sponsor_id = enrolment_of(transaction).sponsor_id
    return executive_course_id(transaction.course.edition_id, sponsor_id)


def _in_onboarding(transaction: CourseTransaction) -> None:
    if transaction.course.stage not in IN_ONBOARDING:
        raise Refusal(
            f"{transaction.course.subject_id} is not being onboarded: "
            f"it is {transaction.course.stage.replace('_', ' ')}."
        )


def _name_team(transaction: CourseTransaction, command: NameTeam) -> str:
    _in_onboarding(transaction)
    service_id = transaction.course.subject_id
    _known(transaction, command.people)
    for person_id in command.people:
        roles.give(transaction.rows, person_id, Role.TEAM_MEMBER, service_id)
    team = holders_of(transaction, Role.TEAM_MEMBER)
    if not team:
        raise Refusal(f"Nobody is named for the team of {service_id}: give the ids of its members.")
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.TEAM_NAMED)
    transaction.note("team.named", people=len(team))
    return f"The team of {service_id} has {len(team)} members."


def _known(transaction: CourseTransaction, person_ids: tuple[str, ...]) -> None:
    unknown = sorted(set(person_ids) - set(people.people(transaction.rows, person_ids)))
    if unknown:
        raise Refusal(f"There is no person {', '.join(unknown)}. Import them first.")


def _seek_partner(transaction: CourseTransaction, command: SeekPartner) -> str:
    _in_onboarding(transaction)
    service_id = transaction.course.subject_id
    if command.partner:
        _known(transaction, (command.partner,))
        roles.give(transaction.rows, command.partner, Role.PARTNER, service_id)
    partners = holders_of(transaction, Role.PARTNER)
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.PARTNER_SOUGHT)
    if partners:
        close_all(transaction, ObligationState.DONE, kind=ObligationKind.EVENT_PARTNER)
        _invite_partners(transaction, partners)
    transaction.note("partner.sought", partners=len(partners))
    if not partners:
        return f"{service_id} is looking for a lived-experience partner."
    return f"{service_id} has {len(partners)} lived-experience partners."


def _invite_partners(transaction: CourseTransaction, partners: tuple[str, ...]) -> None:
    """Invite a partner who joins late to the events that are dated already."""
    for session in sessions.sessions_of(transaction.rows, transaction.course.id):
        kind = transaction.edition.session_kind(session.kind)
        if Role.PARTNER in kind.attends and session.state is SessionState.TO_COME:
            for person_id in partners:
                join(transaction, session, person_id, Role.PARTNER)


def _assign_coach(transaction: CourseTransaction, command: AssignCoach) -> str:
    _in_onboarding(transaction)
    held = people.holders(
        transaction.rows, Role.DELIVERY_COACH, ["*", transaction.course.edition_id]
    )
    known = [one.person_id for one in held]
    if command.coach not in known:
        raise Refusal(f"{command.coach} is not a delivery coach of this edition.")
    enrolment = enrolment_of(transaction)
    courses.save_enrolment(
        transaction.rows, enrolment.model_copy(update={"delivery_coach_id": command.coach})
    )
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.COACH_ASSIGNED)
    transaction.note("coach.assigned", command.coach)
    load = _caseload(transaction, command.coach)
    most = {one.coach: one.most for one in transaction.edition.caseloads}
    answer = f"{command.coach} coaches {transaction.course.subject_id}, one of {load} services."
    if load > most.get(Role.DELIVERY_COACH, load):
        usual = most[Role.DELIVERY_COACH]
        return f"{answer} That is more than the usual {usual}: please check that it works."
    return answer


def _caseload(transaction: CourseTransaction, coach_id: str) -> int:
    return sum(
        one.delivery_coach_id == coach_id and one.withdrawn_at is None
        for one in courses.enrolments_of(transaction.rows, transaction.course.edition_id)
    )


def _choose_slot(transaction: CourseTransaction, command: ChooseSlot) -> str:
    _in_onboarding(transaction)
    enrolment = enrolment_of(transaction)
    kind = weekly_kind(transaction)
    if kind is None:
        raise Refusal("This edition has no weekly sessions.")
    if transaction.course.stage is Stage.COACHING:
        raise Refusal("The sessions are planned already: move them one by one.")
    if enrolment.delivery_coach_id is None:
        raise Refusal("Assign a delivery coach first: the slot depends on the coach's week.")
    people.lock_people(transaction.rows, [enrolment.delivery_coach_id])
    other = _same_slot(transaction, enrolment.delivery_coach_id, command, kind)
    if other:
        raise Refusal(
            f"{enrolment.delivery_coach_id} is with {other} at that time. Choose another slot."
        )
    courses.save_enrolment(
        transaction.rows,
        enrolment.model_copy(
            update={"slot_weekday": command.weekday, "slot_time": command.clock_time}
        ),
    )
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.SLOT_CHOSEN)
    transaction.note("slot.chosen", weekday=command.weekday)
    return (
        f"{transaction.course.subject_id} meets every {DAYS[command.weekday]} "
        f"at {command.clock_time:%H:%M}."
    )


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _same_slot(
    transaction: CourseTransaction, coach_id: str, command: ChooseSlot, kind: SessionKind
) -> str:
    """Return another service of the coach whose weekly hour overlaps, if there is one (C15)."""
    any_day = date(2000, 1, 3)
    length = timedelta(minutes=kind.minutes)
    wanted = datetime.combine(any_day, command.clock_time)
    for one in courses.enrolments_of(transaction.rows, transaction.course.edition_id):
        mine = one.service_id == transaction.course.subject_id or one.withdrawn_at is not None
        if mine or one.delivery_coach_id != coach_id or one.slot_weekday != command.weekday:
            continue
        if one.slot_time is not None:
            theirs = datetime.combine(any_day, one.slot_time)
            if theirs < wanted + length and wanted < theirs + length:
                return one.service_id
    return ""


def _date_event(transaction: CourseTransaction, command: DateEvent) -> str:
    _in_onboarding(transaction)
    kind = transaction.edition.session_kind(command.kind)
    enrolment = enrolment_of(transaction)
    if kind.cadence is not Cadence.FULL_DAY:
        raise Refusal(f"{kind.title} is not a full-day event.")
    starts_at = transaction.calendar.instant(command.day, kind.starts)
    _refuse_bad_day(transaction, kind, command)
    existing = sessions.sessions_of(transaction.rows, transaction.course.id, kind.id)
    waiting = [one for one in existing if one.state is SessionState.TO_COME]
    people_ids = _bound_to(transaction, kind)
    if waiting:
        moved = put(transaction, waiting[0], starts_at, by_a_person=True)
        refuse_clash(transaction, kind, moved, people_ids)
    else:
        new = new_session(transaction, kind, len(existing) + 1, starts_at, command.day)
        refuse_clash(transaction, kind, new, people_ids)
        add(transaction, kind, [new])
        transaction.note("session.planned", new.id)
    courses.save_enrolment(
        transaction.rows, enrolment.model_copy(update={"event_day": command.day})
    )
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.EVENT_DATED)
    if transaction.course.stage is Stage.COACHING:
        replan_weekly(transaction)
    _wake_other_wards(transaction, enrolment.delivery_coach_id)
    return f"The {kind.title.lower()} of {transaction.course.subject_id} is on {command.day}."


def _bound_to(transaction: CourseTransaction, kind: SessionKind) -> tuple[str, ...]:
    """Return who cannot be in two places: the coach, and whoever the edition makes come."""
    roles_bound = {kind.coach, Role.SERVICE_LEAD, Role.EXECUTIVE_SPONSOR} & {
        kind.coach,
        *kind.attends,
    }
    return tuple(person for role in sorted(roles_bound) for person in holders_of(transaction, role))


def _refuse_bad_day(transaction: CourseTransaction, kind: SessionKind, command: DateEvent) -> None:
    window = transaction.edition.window
    if not window.opens <= command.day <= window.closes:
        raise Refusal(
            f"{command.day} is outside the coaching window {window.opens} to {window.closes}."
        )
    if not transaction.calendar.is_working_day(command.day):
        raise Refusal(f"{command.day} is not a working day.")
    search = Search(
        calendar=transaction.calendar,
        not_before=transaction.calendar.day_of(transaction.at),
        pauses=transaction.pauses(),
    )
    found = proposals(kind, window, search)
    earliest = found[0].day if found else None
    if earliest is not None and command.day < earliest and not command.reason:
        raise Refusal(
            f"{command.day} is too soon for people's rosters: {earliest} is the first day that "
            f"keeps the lead of {kind.lead}. Give a reason to date it all the same."
        )


def _wake_other_wards(transaction: CourseTransaction, coach_id: str | None) -> None:
    """Let the coach's other services put their weekly sessions round the event (E11)."""
    for one in courses.enrolments_of(transaction.rows, transaction.course.edition_id):
        if coach_id is not None and one.delivery_coach_id == coach_id:
            transaction.wake(service_course_id(one.edition_id, one.service_id))


def _set_sponsor_session(transaction: CourseTransaction, command: SetSponsorSession) -> str:
    _in_onboarding(transaction)
    enrolment = enrolment_of(transaction)
    coach_id = command.coach or _least_loaded(transaction, enrolment.sponsor_id)
    for one in courses.enrolments_sponsored(
        transaction.rows, transaction.course.edition_id, enrolment.sponsor_id
    ):
        if one.executive_coach_id is not None:
            coach_id = command.coach or one.executive_coach_id
    courses.save_enrolment(
        transaction.rows,
        enrolment.model_copy(
            update={"sponsor_first_at": command.starts_at, "executive_coach_id": coach_id or None}
        ),
    )
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.SPONSOR_SESSION_SET)
    transaction.note("sponsor_session.set")
    transaction.wake(_executive_course(transaction))
    return f"The first executive session of {enrolment.sponsor_id} is set."


def _least_loaded(transaction: CourseTransaction, sponsor_id: str) -> str:
    """Return the executive coach with the fewest sponsors, the first by id among equals (C16)."""
    edition_id = transaction.course.edition_id
    held = people.holders(transaction.rows, Role.EXECUTIVE_COACH, ["*", edition_id])
    sponsors: dict[str, str] = {}
    for one in courses.enrolments_of(transaction.rows, edition_id):
        if one.executive_coach_id is not None and one.sponsor_id != sponsor_id:
            sponsors[one.sponsor_id] = one.executive_coach_id
    load = Counter(sponsors.values())
    known = sorted({one.person_id for one in held})
    return min(known, key=lambda coach: (load[coach], coach), default="")


def _plan_sessions(transaction: CourseTransaction, _command: TakeStep) -> str:
    planned = plan_weekly(transaction)
    transaction.save(stage=Stage.COACHING)
    transaction.note("sessions.planned", weekly=planned)
    for kind in transaction.edition.sessions:
        if kind.cadence is Cadence.ONCE:
            _place_once(transaction, kind)
    return f"{planned} weekly sessions are planned for {transaction.course.subject_id}."


def _place_once(transaction: CourseTransaction, kind: SessionKind) -> None:
    """Put a session that comes once where everybody it binds is free (C08)."""
    bound = _bound_to(transaction, kind)
    people.lock_people(transaction.rows, bound)
    window = transaction.edition.window
    taken = sessions.booked(
        transaction.rows,
        bound,
        transaction.calendar.instant(window.opens, kind.starts) - timedelta(days=1),
        transaction.calendar.instant(window.closes, kind.starts) + timedelta(days=1),
    )
    search = Search(
        calendar=transaction.calendar,
        not_before=transaction.calendar.day_of(transaction.at) + timedelta(days=1),
        people=frozenset(bound),
        busy=tuple(_busy(person, one) for person, one in taken),
        pauses=transaction.pauses(),
    )
    for place in proposals(kind, window, search):
        new = new_session(transaction, kind, 1, place.starts_at, place.day)
        add(transaction, kind, [new])
        transaction.note("session.planned", new.id)


def _busy(person_id: str, session: Session) -> Busy:
    starts_at, ends_at = session.starts_at, session.ends_at
    if starts_at is None or ends_at is None:
        raise LookupError(f"session {session.id} has no instant")
    return Busy(person_id, starts_at, ends_at, session.id)
