"""The coaching of one executive sponsor, however many of their services take part."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.absence import AbsenceActivities
    from activities.chases import ChaseActivities
    from activities.executive import ExecutiveActivities
    from activities.leaving import LeavingActivities
    from activities.sessions import SessionActivities
    from schemas import commands
    from schemas.inputs import CourseEnd, CourseInput
    from workflows.asking import person_asks
    from workflows.coaching import Coaching
    from workflows.course import CourseWalk


@workflow.defn
class ExecutiveCoachingWorkflow:
    """Runs while an edition does: one session a month, idle while no service takes part (C07)."""

    @workflow.init
    def __init__(self, start: CourseInput) -> None:
        """Begin with nothing known; the first look tells."""
        self._course = CourseWalk(start)

    @workflow.run
    async def run(self, start: CourseInput) -> CourseEnd:
        """Walk the monthly sessions until the coaching window has closed."""
        await Coaching(self._course).run()
        await self._course.leave()
        return self._course.end

    @workflow.signal
    def look_again(self) -> None:
        """Read the course once more: who takes part may have changed."""
        self._course.look_again()

    @person_asks
    async def assign_executive_coach(self, command: commands.AssignExecutiveCoach) -> str:
        """Assign another executive coach."""
        return await self._course.answer(ExecutiveActivities.assign_executive_coach, command)

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
    async def undo(self, command: commands.Undo) -> str:
        """Take back a session's cancellation."""
        return await self._course.answer(LeavingActivities.undo, command)

    @person_asks
    async def promise_obligation(self, command: commands.PromiseObligation) -> str:
        """Promise to do what is chased by a day."""
        return await self._course.answer(ChaseActivities.promise_obligation, command)

    @person_asks
    async def close_obligation(self, command: commands.CloseObligation) -> str:
        """Say that what is chased is done, or waive it."""
        return await self._course.answer(ChaseActivities.close_obligation, command)
