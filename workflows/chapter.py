"""A chapter of a course's story: its stages, and what each step that falls due calls for."""

from collections.abc import Mapping
from typing import ClassVar

from schemas.courses import Stage, Step
from workflows.course import CourseWalk, Transaction


class Chapter:
    """Walks a course while it is in one of the chapter's stages.

    Attributes:
        STAGES: Stages that belong to the chapter.
        STEPS: The course transaction that each kind of step calls for.

    """

    STAGES: ClassVar[frozenset[Stage]]
    STEPS: ClassVar[Mapping[Step, Transaction]]

    def __init__(self, course: CourseWalk) -> None:
        """Walk ``course``."""
        self._course = course

    async def run(self) -> None:
        """Carry out what falls due until the course has left the chapter; at once where it has."""
        await self._course.walk(self.STEPS, self.STAGES)
