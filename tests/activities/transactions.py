"""Which course transaction each of a person's commands is, and how it is called."""

from typing import Any, cast

from activities.absence import AbsenceActivities
from activities.chases import ChaseActivities
from activities.edition import EditionActivities
from activities.edition_change import EditionChangeActivities
from activities.executive import ExecutiveActivities
from activities.leaving import LeavingActivities
from activities.looking import AgendaActivities
from activities.merging import MergingActivities
from activities.onboarding import OnboardingActivities
from activities.pausing import PauseActivities
from activities.recruitment import RecruitmentActivities
from activities.sessions import SessionActivities
from activities.succession import SuccessionActivities
from activities.transaction import CourseActivities
from schemas import commands
from schemas.commands import Command
from schemas.courses import CourseState
from storage.database import Database
from workflows.course import Transaction

TRANSACTIONS: dict[type[Command], Transaction] = {
    commands.AcceptPlace: RecruitmentActivities.accept_place,
    commands.DeclinePlace: RecruitmentActivities.decline_place,
    commands.DecideCommitment: RecruitmentActivities.decide_commitment,
    commands.NameTeam: OnboardingActivities.name_team,
    commands.SeekPartner: OnboardingActivities.seek_partner,
    commands.AssignCoach: OnboardingActivities.assign_coach,
    commands.AssignExecutiveCoach: ExecutiveActivities.assign_executive_coach,
    commands.ChooseSlot: OnboardingActivities.choose_slot,
    commands.DateEvent: OnboardingActivities.date_event,
    commands.SetSponsorSession: OnboardingActivities.set_sponsor_session,
    commands.RecordSession: SessionActivities.record_session,
    commands.MoveSession: SessionActivities.move_session,
    commands.CancelSession: SessionActivities.cancel_session,
    commands.BookCatchUp: SessionActivities.book_catch_up,
    commands.ArrangeSessions: AbsenceActivities.arrange_sessions,
    commands.PauseCourse: PauseActivities.pause_course,
    commands.ResumeCourse: PauseActivities.resume_course,
    commands.Withdraw: LeavingActivities.withdraw,
    commands.Undo: LeavingActivities.undo,
    commands.PromiseObligation: ChaseActivities.promise_obligation,
    commands.CloseObligation: ChaseActivities.close_obligation,
    commands.ConfirmSelection: EditionActivities.confirm_selection,
    commands.DecideOffer: EditionActivities.decide_offer,
    commands.EndEdition: EditionActivities.end_edition,
    commands.Succeed: SuccessionActivities.succeed,
    commands.TakeBackSuccession: SuccessionActivities.take_back_succession,
    commands.MergeInterest: MergingActivities.merge_interest,
    commands.ChangeEdition: EditionChangeActivities.change_edition,
}
"""Which course transaction a person's command is."""

OWNERS: dict[str, type[CourseActivities]] = {
    one.__name__: one
    for one in (
        AbsenceActivities,
        AgendaActivities,
        ChaseActivities,
        EditionActivities,
        EditionChangeActivities,
        ExecutiveActivities,
        LeavingActivities,
        MergingActivities,
        OnboardingActivities,
        PauseActivities,
        RecruitmentActivities,
        SessionActivities,
        SuccessionActivities,
    )
}


def carried_out(transaction: Transaction, database: Database, command: Command) -> CourseState:
    """Call a course transaction, named as workflows name it, on a database."""
    name: str = cast("Any", transaction).__qualname__
    owner = OWNERS[name.partition(".")[0]](database)
    state: CourseState = transaction(owner, command)
    return state
