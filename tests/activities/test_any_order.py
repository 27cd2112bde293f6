"""Whatever people do, in whatever order: the sums hold, and every diary ends up right."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.commands import (
    BookCatchUp,
    CancelSession,
    Command,
    MoveSession,
    PauseCourse,
    RecordSession,
    ResumeCourse,
    Undo,
    Withdraw,
)
from schemas.courses import Stage
from schemas.sessions import Session, SessionReason, SessionState
from tests.activities.journal_told import told_otherwise
from tests.activities.posting import Autumn, Posted
from tests.activities.scene import SVC_16, SVC_17
from tests.planning.builders import at

PLANNED = 26
COMMANDS: dict[str, type[Command]] = {
    "pause": PauseCourse,
    "resume": ResumeCourse,
    "withdraw": Withdraw,
    "return": Undo,
}
SOON = st.integers(0, 3)
STEP = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 200)),
    st.tuples(st.just("mail"), st.just(0)),
    st.tuples(st.sampled_from(["held", "missed"]), st.integers(0, 2)),
    st.tuples(st.sampled_from(["move", "cancel", "undo", "catch up"]), SOON),
    st.tuples(st.just("pause"), st.sampled_from([0, 3, 20, 120])),
    st.tuples(st.sampled_from(["resume", "withdraw", "return"]), st.just(0)),
    st.tuples(st.sampled_from(["pause all", "resume all", "move event"]), st.integers(1, 30)),
)


class Story:
    """Carries out steps on one ward; what is refused has changed nothing, and is no fault."""

    def __init__(self, post: Posted, runner: asyncio.Runner) -> None:
        self.post, self.play, self.runner = post, post.play, runner
        self.course_id = post.play.of(SVC_16)

    def take(self, step: str, number: int) -> None:
        play = self.play
        if step == "wait":
            play.walk(play.now + timedelta(hours=number))
        elif step == "mail":
            self.runner.run(self.post.deliver())
        elif step in {"pause", "resume", "withdraw", "return"}:
            self._course(step, number, self.course_id)
        elif step in {"pause all", "resume all"}:
            self._course(step.removesuffix(" all"), number, play.course_id)
        else:
            self._session(step, number)
        play.walk(play.now)

    def _course(self, step: str, days: int, course_id: str) -> None:
        command = COMMANDS[step]
        until = {"until_at": self.play.now + timedelta(days=days)} if days else {}
        self._try(command, course_id, None, **(until if command is PauseCourse else {}))

    def _session(self, step: str, number: int) -> None:
        play = self.play
        weekly = play.sessions(self.course_id, "delivery")
        over = [one for one in weekly if one.starts_at and one.starts_at < play.now]
        if step in {"held", "missed"} and number < len(over):
            self._try(
                RecordSession,
                self.course_id,
                over[-1 - number],
                outcome=SessionState(step),
                why=SessionReason.STAFFING,
            )
        elif step == "catch up":
            when = play.calendar.add_working_days(play.day(play.now), number + 1)
            starts_at = at(when.isoformat(), "16:30")
            for one in over[-4:]:
                self._try(BookCatchUp, self.course_id, one, starts_at=starts_at)
        elif step == "move event":
            (event,) = play.sessions(self.course_id, "improvement_event")[:1]
            day = play.calendar.add_working_days(play.day(play.now), number)
            starts_at = at(day.isoformat(), "09:00")
            self._try(MoveSession, self.course_id, event, starts_at=starts_at)
        elif step in {"move", "cancel", "undo"}:
            self._ahead(step, number, weekly)

    def _ahead(self, step: str, number: int, weekly: tuple[Session, ...]) -> None:
        play = self.play
        ahead = [one for one in weekly if one.starts_at is None or one.starts_at > play.now]
        if number >= len(ahead):
            return
        session = ahead[number]
        if step == "move":
            day = play.calendar.add_working_days(play.day(play.now), 3 * number + 2)
            starts_at = at(day.isoformat(), "12:30")
            self._try(MoveSession, self.course_id, session, starts_at=starts_at)
        else:
            self._try(CancelSession if step == "cancel" else Undo, self.course_id, session)

    def _try(
        self, command: type[Command], course_id: str, session: Session | None, **said: object
    ) -> None:
        known = {} if session is None else {"session_id": session.id}
        self.play.send(command, course_id, **known, **said)

    def check(self) -> None:
        """C17: held, missed, cancelled and to come are what was planned and what was added.

        E38: and the journal, of which reports are made, tells the same as the rows.
        """
        for service in (SVC_16, SVC_17):
            weekly = self.play.sessions(self.play.of(service), "delivery")
            caught_up = sum(one.catch_up_for is not None for one in weekly)
            counts = Counter(one.state for one in weekly)
            assert sum(counts.values()) == PLANNED + caught_up
            assert len({one.id for one in weekly}) == len(weekly)
        with self.play.database.reading() as rows:
            assert told_otherwise(rows, self.play.edition.id, self.play.now) == []


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, min_size=4, max_size=14))
def test_the_sums_hold_and_diaries_come_right_in_any_order(
    autumn_template: Autumn, steps: list[tuple[str, int]]
) -> None:
    """C17, M05, M13, M17, C09, C15: after every command, and when the mail has gone."""
    with (
        TemporaryDirectory() as folder,
        asyncio.Runner() as runner,
        autumn_template.begun(Path(folder)) as post,
    ):
        story = Story(post, runner)
        for step, number in steps:
            story.take(step, number)
            story.check()
        story.take("mail", 0)
        if post.play.stage(SVC_16) is not Stage.WITHDRAWN:
            assert post.wrong_entries() == []
