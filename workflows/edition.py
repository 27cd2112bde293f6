"""An edition of the programme: its phases, its places, its pauses and its end."""

from collections.abc import Mapping
from typing import ClassVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.chases import ChaseActivities
    from activities.edition import EditionActivities
    from activities.edition_change import EditionChangeActivities
    from activities.pausing import PauseActivities
    from activities.succession import SuccessionActivities
    from schemas import commands
    from schemas.courses import Stage, Step
    from schemas.inputs import CourseEnd, CourseInput
    from workflows.asking import person_asks
    from workflows.changes import CHANGES
    from workflows.chase import CHASE
    from workflows.course import CourseWalk, Transaction


@workflow.defn
class EditionWorkflow:
    """Runs from the opening of an edition to its end; it alone gives the places (R14)."""

    STAGES: ClassVar = frozenset({Stage.RECRUITING, Stage.SELECTING, Stage.PLACING})
    STEPS: ClassVar[Mapping[Step, Transaction]] = {
        Step.CLOSE_RECRUITMENT: EditionActivities.close_recruitment,
        Step.ALLOCATE: EditionActivities.allocate_places,
        Step.OFFER_EXPIRES: EditionActivities.expire_offer,
        Step.CLOSE_WAITLIST: EditionActivities.close_waitlist,
        Step.DIGEST: EditionActivities.plan_digest,
        Step.OPEN_PHASE: EditionActivities.open_phase,
        Step.OPEN_TASK: ChaseActivities.open_task,
        Step.FINISH_EDITION: EditionActivities.finish_edition,
        **CHANGES,
        **CHASE,
    }

    @workflow.init
    def __init__(self, start: CourseInput) -> None:
        """Begin with nothing known; the first look tells."""
        self._course = CourseWalk(start)

    @workflow.run
    async def run(self, start: CourseInput) -> CourseEnd:
        """Close recruitment at its deadline, offer the places as confirmed, refill, and finish."""
        await self._course.walk(self.STEPS, self.STAGES)
        await self._course.leave()
        return self._course.end

    @workflow.signal
    def look_again(self) -> None:
        """Read the course once more: a place or a person's address may have changed."""
        self._course.look_again()

    @person_asks
    async def confirm_selection(self, command: commands.ConfirmSelection) -> str:
        """Confirm the order in which places are offered."""
        return await self._course.answer(EditionActivities.confirm_selection, command)

    @person_asks
    async def decide_offer(self, command: commands.DecideOffer) -> str:
        """Extend an expired offer, or let it lapse."""
        return await self._course.answer(EditionActivities.decide_offer, command)

    @person_asks
    async def pause_course(self, command: commands.PauseCourse) -> str:
        """Pause the edition and all that belongs to it."""
        return await self._course.answer(PauseActivities.pause_course, command)

    @person_asks
    async def resume_course(self, command: commands.ResumeCourse) -> str:
        """Resume the edition."""
        return await self._course.answer(PauseActivities.resume_course, command)

    @person_asks
    async def promise_obligation(self, command: commands.PromiseObligation) -> str:
        """Promise to do what is chased by a day."""
        return await self._course.answer(ChaseActivities.promise_obligation, command)

    @person_asks
    async def close_obligation(self, command: commands.CloseObligation) -> str:
        """Say that what is chased is done, or waive it."""
        return await self._course.answer(ChaseActivities.close_obligation, command)

    @person_asks
    async def end_edition(self, command: commands.EndEdition) -> str:
        """End the edition before its time."""
        return await self._course.answer(EditionActivities.end_edition, command)

    @person_asks
    async def change_edition(self, command: commands.ChangeEdition) -> str:
        """Go on under another version of the edition's file."""
        return await self._course.answer(EditionChangeActivities.change_edition, command)

    @person_asks
    async def succeed(self, command: commands.Succeed) -> str:
        """Note who or what takes the place of another from a day on."""
        return await self._course.answer(SuccessionActivities.succeed, command)

    @person_asks
    async def take_back_succession(self, command: commands.TakeBackSuccession) -> str:
        """Take back, before its day, that somebody or something takes the place of another."""
        return await self._course.answer(SuccessionActivities.take_back_succession, command)
