"""The journey of one service through an edition; the only writer of that service's course."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.absence import AbsenceActivities
    from activities.chases import ChaseActivities
    from activities.leaving import LeavingActivities
    from activities.merging import MergingActivities
    from activities.onboarding import OnboardingActivities
    from activities.pausing import PauseActivities
    from activities.recruitment import RecruitmentActivities
    from activities.sessions import SessionActivities
    from schemas import commands
    from schemas.inputs import CourseEnd, CourseInput
    from workflows.asking import person_asks
    from workflows.coaching import Coaching
    from workflows.course import CourseWalk
    from workflows.leaving import Leaving
    from workflows.onboarding import Onboarding
    from workflows.recruitment import Recruitment


@workflow.defn
class ServiceJourneyWorkflow:
    """Runs from a service's application until it has completed, withdrawn or found no place."""

    @workflow.init
    def __init__(self, start: CourseInput) -> None:
        """Begin with nothing known; the first look tells where the service stands."""
        self._course = CourseWalk(start)

    @workflow.run
    async def run(self, start: CourseInput) -> CourseEnd:
        """Take the service through recruitment, onboarding and coaching.

        A withdrawal interrupts any of them, and its undo brings the service back to where it was;
        so the story is gone through again until it has ended.
        """
        while not self._course.ended:
            await Recruitment(self._course).run()
            await Onboarding(self._course).run()
            await Coaching(self._course).run()
            await Leaving(self._course).run()
        await self._course.leave()
        return self._course.end

    @workflow.signal
    def look_again(self) -> None:
        """Read the course once more: something that it depends on has changed."""
        self._course.look_again()

    @person_asks
    async def accept_place(self, command: commands.AcceptPlace) -> str:
        """Take the offered place."""
        return await self._course.answer(RecruitmentActivities.accept_place, command)

    @person_asks
    async def decline_place(self, command: commands.DeclinePlace) -> str:
        """Give the offered place back."""
        return await self._course.answer(RecruitmentActivities.decline_place, command)

    @person_asks
    async def decide_commitment(self, command: commands.DecideCommitment) -> str:
        """Sign an executive commitment, or decline it."""
        return await self._course.answer(RecruitmentActivities.decide_commitment, command)

    @person_asks
    async def name_team(self, command: commands.NameTeam) -> str:
        """Name the project team."""
        return await self._course.answer(OnboardingActivities.name_team, command)

    @person_asks
    async def seek_partner(self, command: commands.SeekPartner) -> str:
        """Name a lived-experience partner, or say that one is sought."""
        return await self._course.answer(OnboardingActivities.seek_partner, command)

    @person_asks
    async def assign_coach(self, command: commands.AssignCoach) -> str:
        """Assign the delivery coach."""
        return await self._course.answer(OnboardingActivities.assign_coach, command)

    @person_asks
    async def choose_slot(self, command: commands.ChooseSlot) -> str:
        """Choose the weekly slot."""
        return await self._course.answer(OnboardingActivities.choose_slot, command)

    @person_asks
    async def date_event(self, command: commands.DateEvent) -> str:
        """Put the improvement event on a day."""
        return await self._course.answer(OnboardingActivities.date_event, command)

    @person_asks
    async def set_sponsor_session(self, command: commands.SetSponsorSession) -> str:
        """Set the sponsor's first executive session."""
        return await self._course.answer(OnboardingActivities.set_sponsor_session, command)

    @person_asks
    async def record_session(self, command: commands.RecordSession) -> str:
        """Say how a session went."""
        return await self._course.answer(SessionActivities.record_session, command)

    @person_asks
    async def move_session(self, command: commands.MoveSession) -> str:
        """Put a session on another instant."""
        return await self._course.answer(SessionActivities.move_session, command)

    @person_asks
    async def cancel_session(self, command: commands.CancelSession) -> str:
        """Cancel a session."""
        return await self._course.answer(SessionActivities.cancel_session, command)

    @person_asks
    async def book_catch_up(self, command: commands.BookCatchUp) -> str:
        """Add a session that makes up for a missed one."""
        return await self._course.answer(SessionActivities.book_catch_up, command)

    @person_asks
    async def arrange_sessions(self, command: commands.ArrangeSessions) -> str:
        """Cover, move or cancel sessions while a coach is away, or take that back."""
        return await self._course.answer(AbsenceActivities.arrange_sessions, command)

    @person_asks
    async def pause_course(self, command: commands.PauseCourse) -> str:
        """Pause the service."""
        return await self._course.answer(PauseActivities.pause_course, command)

    @person_asks
    async def resume_course(self, command: commands.ResumeCourse) -> str:
        """Resume the service."""
        return await self._course.answer(PauseActivities.resume_course, command)

    @person_asks
    async def withdraw(self, command: commands.Withdraw) -> str:
        """Leave the programme."""
        return await self._course.answer(LeavingActivities.withdraw, command)

    @person_asks
    async def undo(self, command: commands.Undo) -> str:
        """Take back a withdrawal, or a session's cancellation."""
        return await self._course.answer(LeavingActivities.undo, command)

    @person_asks
    async def promise_obligation(self, command: commands.PromiseObligation) -> str:
        """Promise to do what is chased by a day."""
        return await self._course.answer(ChaseActivities.promise_obligation, command)

    @person_asks
    async def close_obligation(self, command: commands.CloseObligation) -> str:
        """Say that what is chased is done, or waive it."""
        return await self._course.answer(ChaseActivities.close_obligation, command)

    @person_asks
    async def merge_interest(self, command: commands.MergeInterest) -> str:
        """Merge a second expression of interest, and adopt its contacts."""
        return await self._course.answer(MergingActivities.merge_interest, command)
