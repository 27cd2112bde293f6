"""Course transactions between the signed commitments and the first session (R16)."""

from activities.casting import hand_over
from activities.chasing import close_all, open_obligation
from activities.coaches import (
    beyond_usual,
    hand_sessions_over,
    least_loaded,
    refuse_same_slot,
    refuse_unknown_coach,
    services_of,
    sponsors_coached,
    tell_of_new_coach,
    wake_wards_of,
)
from activities.events import date_event, refuse_day_off
from activities.holders import enrolment_of, holders_of
from activities.single_sessions import place_once
from activities.transaction import CourseActivities, CourseTransaction, Refusal, course_transaction
from activities.weekly import plan_weekly, replan_weekly, weekly_kind
from planning.agenda import onboarding_of
from schemas.commands import (
    AssignCoach,
    ChooseSlot,
    DateEvent,
    NameTeam,
    SeekPartner,
    SetSponsorSession,
    TakeStep,
)
from schemas.courses import CourseState, Enrolment, Stage
from schemas.ids import executive_course_id
from schemas.obligations import ObligationKind, ObligationState
from schemas.people import Role
from schemas.sessions import Cadence, SessionState
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
    for kind in onboarding_of(transaction.edition):
        open_obligation(transaction, kind)
    _join_executive_coaching(transaction)


def _join_executive_coaching(transaction: CourseTransaction) -> None:
    """Take over the first session that the sponsor has set for another of their services (C07)."""
    enrolment = enrolment_of(transaction)
    sponsored = courses.enrolments_sponsored(
        transaction.rows, enrolment.edition_id, enrolment.sponsor_id
    )
    for other in sponsored:
        if other.sponsor_first_at is not None and other.withdrawn_at is None:
            joined = {
                "sponsor_first_at": other.sponsor_first_at,
                "executive_coach_id": other.executive_coach_id,
            }
            courses.save_enrolment(transaction.rows, enrolment.model_copy(update=joined))
            close_all(transaction, ObligationState.DONE, kind=ObligationKind.SPONSOR_SESSION_SET)
            transaction.wake(_executive_course(transaction))
            return


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
    invite(transaction, Role.TEAM_MEMBER, team)
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
        invite(transaction, Role.PARTNER, partners)
    transaction.note("partner.sought", partners=len(partners))
    if not partners:
        return f"{service_id} is looking for a lived-experience partner."
    return f"{service_id} has {len(partners)} lived-experience partners."


def invite(transaction: CourseTransaction, role: Role, people_ids: tuple[str, ...]) -> None:
    """Invite those who join late to what is dated already and to come."""
    for session in sessions.sessions_of(transaction.rows, transaction.course.id):
        kind = transaction.edition.session_kind(session.kind)
        begun = session.starts_at is not None and session.starts_at <= transaction.at
        if role in kind.attends and session.state is SessionState.TO_COME and not begun:
            part = sessions.participants(transaction.rows, [session.id])
            there = {one.person_id for one in part}
            new = [(person_id, role) for person_id in people_ids if person_id not in there]
            hand_over(transaction, session, (), new)


def _assign_coach(transaction: CourseTransaction, command: AssignCoach) -> str:
    _in_onboarding(transaction)
    refuse_unknown_coach(transaction, Role.DELIVERY_COACH, command.coach)
    enrolment, kind = enrolment_of(transaction), weekly_kind(transaction)
    before = enrolment.delivery_coach_id
    if before == command.coach:
        return f"{command.coach} coaches {transaction.course.subject_id} already."
    if kind is not None and enrolment.slot_weekday is not None and enrolment.slot_time is not None:
        slot = (enrolment.slot_weekday, enrolment.slot_time)
        refuse_same_slot(transaction, command.coach, slot, kind)
    courses.save_enrolment(
        transaction.rows, enrolment.model_copy(update={"delivery_coach_id": command.coach})
    )
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.COACH_ASSIGNED)
    transaction.note("coach.assigned", command.coach)
    hand_sessions_over(transaction, before, command.coach)
    if transaction.course.stage is Stage.COACHING:
        replan_weekly(transaction)
    if before is not None:
        tell_of_new_coach(transaction, before, command.coach)
    wake_wards_of(transaction, before, command.coach)
    load = len(services_of(transaction, command.coach))
    answer = f"{command.coach} coaches {transaction.course.subject_id}, one of {load} services."
    return answer + beyond_usual(transaction, Role.DELIVERY_COACH, load, "services")


def _choose_slot(transaction: CourseTransaction, command: ChooseSlot) -> str:
    _in_onboarding(transaction)
    enrolment = enrolment_of(transaction)
    kind = weekly_kind(transaction)
    if kind is None:
        raise Refusal("This edition has no weekly sessions.")
    if sessions.sessions_of(transaction.rows, transaction.course.id, kind.id):
        raise Refusal("The sessions are planned already: move them one by one.")
    if enrolment.delivery_coach_id is None:
        raise Refusal("Assign a delivery coach first: the slot depends on the coach's week.")
    if command.weekday in transaction.edition.weekend:
        raise Refusal(f"Nobody works on a {DAYS[command.weekday]}: choose a working day.")
    slot = (command.weekday, command.clock_time)
    refuse_same_slot(transaction, enrolment.delivery_coach_id, slot, kind)
    courses.save_enrolment(
        transaction.rows,
        enrolment.model_copy(
            update={"slot_weekday": command.weekday, "slot_time": command.clock_time}
        ),
    )
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.SLOT_CHOSEN)
    transaction.note("slot.chosen", weekday=command.weekday)
    if transaction.course.stage is Stage.COACHING:
        planned = plan_weekly(transaction)
        transaction.note("sessions.planned", weekly=planned)
    return (
        f"{transaction.course.subject_id} meets every {DAYS[command.weekday]} "
        f"at {command.clock_time:%H:%M}."
    )


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _date_event(transaction: CourseTransaction, command: DateEvent) -> str:
    _in_onboarding(transaction)
    return date_event(transaction, command)


def _set_sponsor_session(transaction: CourseTransaction, command: SetSponsorSession) -> str:
    _in_onboarding(transaction)
    enrolment = enrolment_of(transaction)
    day = transaction.calendar.day_of(command.starts_at)
    refuse_day_off(transaction, day)
    if command.starts_at <= transaction.at and not command.reason:
        raise Refusal(f"{day} is in the past. Give a reason to count the months from it.")
    coach_id = _executive_coach(transaction, enrolment, command)
    courses.save_enrolment(
        transaction.rows,
        enrolment.model_copy(
            update={"sponsor_first_at": command.starts_at, "executive_coach_id": coach_id or None}
        ),
    )
    close_all(transaction, ObligationState.DONE, kind=ObligationKind.SPONSOR_SESSION_SET)
    transaction.note("sponsor_session.set")
    transaction.wake(_executive_course(transaction))
    load = sponsors_coached(transaction)[coach_id]
    answer = f"The first executive session of {enrolment.sponsor_id} is set."
    if sessions.sessions_of(transaction.rows, _executive_course(transaction)):
        answer = f"The sessions of {enrolment.sponsor_id} are planned already: they stay."
    return answer + beyond_usual(transaction, Role.EXECUTIVE_COACH, load, "sponsors")


def _executive_coach(
    transaction: CourseTransaction, enrolment: Enrolment, command: SetSponsorSession
) -> str:
    """Return who coaches the sponsor: the one asked for, whoever does already, or the freest."""
    if command.coach:
        refuse_unknown_coach(transaction, Role.EXECUTIVE_COACH, command.coach)
        return command.coach
    for one in courses.enrolments_sponsored(
        transaction.rows, enrolment.edition_id, enrolment.sponsor_id
    ):
        if one.executive_coach_id is not None:
            return one.executive_coach_id
    return least_loaded(transaction, enrolment.sponsor_id)


def _plan_sessions(transaction: CourseTransaction, _command: TakeStep) -> str:
    planned = plan_weekly(transaction)
    transaction.save(stage=Stage.COACHING)
    transaction.note("sessions.planned", weekly=planned)
    for kind in transaction.edition.sessions:
        if kind.cadence is Cadence.ONCE:
            place_once(transaction, kind)
    return f"{planned} weekly sessions are planned for {transaction.course.subject_id}."
