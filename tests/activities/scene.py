"""A small programme whose courses are walked without Temporal, in milliseconds.

``CourseScene`` stands in for the workflows and for nothing else: it sends commands to the real
activity classes on a real database, expects the version that it knows, and ``walk`` carries out
whatever falls due with the very ``STEPS`` of ``workflows``. It is as ignorant as a workflow: a
course is read again only after its own transaction or when another one wakes it.

    play = CourseScene(database)              # two places; coaching from 2 September 2024
    play.open(SVC_16, SVC_17)                 # the edition is open and both have applied
    play.coaching(SVC_16)                     # … all the way to planned sessions; or step by step:
    play.selected(), play.accepted(SVC_16), play.signed(SVC_16), play.onboarded(SVC_16)

Tests take it as the fixture ``play`` (nothing has happened yet, on both databases) or, faster, as
``coached`` (SVC-16 has its sessions, SVC-17 an offer; SQLite). What it offers:

    state = play.send(MoveSession, play.of(SVC_16), session_id=…, starts_at=…)   # a CourseState
    answer = play.do(MoveSession, …)          # the answer; fails when it is refused
    sentence = play.refusal(MoveSession, …)   # the sentence; fails when it is not refused
    play.walk(at("2024-12-20"))               # take every step that falls due until then
    play.now                                  # programme time: where the walk has come to

After every command the scene checks what must hold always: the version rises by exactly one where
something changed and not at all otherwise; messages planned in the journal are the ledger's rows
(M13); places taken and offers open keep to the capacity (R14); nothing to come lies on a day off
(C09); no coach and no sponsor is in two places (C15). ``walk`` fails when a step does not clear its
own item, when a step is refused, and when a course has something due that nobody told it of.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any, cast

from temporalio.client import Client

from activities.looking import AgendaActivities
from activities.starting import StartActivities
from planning.calendar import calendar_of
from runtime.opening import Application, open_application, open_edition_course
from schemas import commands
from schemas.clock import ProgrammeClock
from schemas.commands import Command, TakeStep
from schemas.courses import (
    AgendaItem,
    CommitmentState,
    CourseState,
    Stage,
    Step,
)
from schemas.edition import Edition
from schemas.forms import ApplyForm
from schemas.inputs import ReadAgenda, WakeExecutiveCoaching
from storage import courses
from storage.database import Database
from tests.activities.invariants import Invariants
from tests.activities.outside import Outside
from tests.activities.transactions import TRANSACTIONS, carried_out
from tests.journeys import cast as people
from tests.planning.builders import at, edition
from workflows.coaching import Coaching
from workflows.course import Transaction
from workflows.edition import EditionWorkflow
from workflows.leaving import Leaving
from workflows.onboarding import Onboarding
from workflows.recruitment import Recruitment

SVC_16, SVC_17, SVC_18 = "SVC-16", "SVC-17", "SVC-18"
OPENED_AT = at("2024-04-15", "08:00")
TUESDAY, TEN = 1, time(10)
EVENT_DAY = date(2024, 11, 7)
"""A Thursday, eight weeks and more from everywhere a test begins."""
FIRST_EXECUTIVE = at("2024-09-10", "09:30")

CLOCK = ProgrammeClock(real_anchor=OPENED_AT, programme_anchor=OPENED_AT)
STEPS_AT_ONE_INSTANT = 60


def small_edition(name: str = "mha-qi-wider", **changes: object) -> Edition:
    """Return a shipped edition with two places, unless told otherwise."""
    return edition(name).model_copy(update={"places": 2, **changes})


class CourseScene(Outside):
    """The courses of one edition, and what people and time do to them.

    Attributes:
        database: Empty, at the newest revision.
        edition: Whose courses these are.
        now: Programme time.
        known: What the workflow of each course knows of it.
        walked: Every step that was taken, in order.

    """

    def __init__(self, database: Database, of: Edition | None = None) -> None:
        """Begin on the morning on which recruitment opens."""
        self.database = database
        self.edition = of or small_edition()
        self.calendar = calendar_of(self.edition)
        self.now = self.calendar.instant(self.edition.recruitment.opens, time(8))
        self.known: dict[str, CourseState] = {}
        self.walked: list[tuple[datetime, str, Step, str]] = []
        self._numbers = count(1)
        self.invariants = Invariants(database, self.edition)

    # -- shortcuts to a stage ---------------------------------------------------------------------

    def open(self, *services: str) -> None:
        """Open the edition; the services exist and have applied, one a day from 1 May on."""
        self.prepare(*services)
        first = self.now + timedelta(days=16, hours=2)
        for day, service in enumerate(services):
            self.apply(service, first + timedelta(days=day))
        self.walk(self.now)

    def prepare(self, *services: str) -> None:
        """Open the edition with its cast; nobody has applied."""
        with self.database.transaction() as rows:
            people.write_cast(rows, self.edition.id, services)
            open_edition_course(rows, self.edition, people.COORDINATOR, self.now, self.now)
        self.look(self.course_id)

    def edition_only(self) -> None:
        """Let only the edition's own workflow run from now on, as if the others were down."""
        self.only(self.course_id)

    def only(self, course_id: str) -> None:
        """Let only one workflow run from now on, until it wakes another."""
        self.known = {course_id: self.known[course_id]}

    def apply(self, service: str, submitted_at: datetime | None = None, **said: Any) -> Application:
        """Send an expression of interest; the workflow of the first of its service starts."""
        self.now = max(self.now, submitted_at or self.now)
        form = ApplyForm(
            **{
                "actor": people.COORDINATOR,
                "interest_id": f"EOI-{next(self._numbers)}",
                "edition": self.edition.id,
                "service": service,
                "sponsor": people.SPONSOR,
                "lead": people.lead_of(service),
                "submitted_at": submitted_at,
                **said,
            }
        )
        with self.database.transaction() as rows:
            said_back = open_application(rows, form, self.now, self.now)
        if said_back.starts:
            self.look(self.of(service))
        return said_back

    def selected(self, *order: str, **said: Any) -> None:
        """Close recruitment at its deadline, confirm the order, let the offers go out."""
        closed = self.calendar.add_working_days(self.edition.recruitment.deadline, 1)
        self.walk(self.calendar.instant(closed, time(10)))
        self.do(commands.ConfirmSelection, self.course_id, order=order, **said)
        self.walk(self.now)

    def accepted(self, service: str) -> None:
        """Let a service take its offered place."""
        self.do(commands.AcceptPlace, self.of(service))

    def signed(self, service: str) -> None:
        """Let the sponsor sign everything; the service is onboarded from now on."""
        self.sign(service)
        self.walk(self.now)

    def sign(
        self, service: str, commitment: str = "", decision: CommitmentState = CommitmentState.SIGNED
    ) -> str:
        """Let the sponsor decide one commitment; empty: all."""
        return self.do(
            commands.DecideCommitment,
            self.of(service),
            actor=people.SPONSOR,
            commitment=commitment,
            decision=decision,
        )

    def onboarded(self, service: str, **wishes: Any) -> None:
        """Settle all six things of R16; the sessions are planned.

        Args:
            service: Which.
            wishes: ``coach``, ``weekday``, ``clock_time``, ``day`` (of the event), ``starts_at``
                (of the sponsor's first session), ``partner``.

        """
        course_id = self.of(service)
        self.do(commands.NameTeam, course_id)
        self.do(commands.SeekPartner, course_id, partner=wishes.get("partner", ""))
        self.do(commands.AssignCoach, course_id, coach=wishes.get("coach", people.COACH))
        self.do(
            commands.ChooseSlot,
            course_id,
            weekday=wishes.get("weekday", TUESDAY),
            clock_time=wishes.get("clock_time", TEN),
        )
        if any(one.id == "improvement_event" for one in self.edition.sessions):
            self.do(commands.DateEvent, course_id, day=wishes.get("day", EVENT_DAY))
        first = wishes.get("starts_at", FIRST_EXECUTIVE)
        self.do(commands.SetSponsorSession, course_id, starts_at=first)
        self.walk(self.now)

    def committed(self, *services: str) -> None:
        """Select, accept and sign, in one go; the services are onboarded from now on."""
        if self.course(self.course_id).stage is Stage.RECRUITING:
            self.selected()
        for service in services:
            self.accepted(service)
            self.signed(service)

    def coaching(self, service: str, **wishes: Any) -> None:
        """Take a service that has applied all the way to its planned sessions."""
        self.committed(service)
        self.onboarded(service, **wishes)

    def begin(self, now: datetime, known: Mapping[str, CourseState]) -> None:
        """Go on from a copy of a programme, where every workflow knows what it knew there."""
        self.now = now
        self.known = dict(known)
        self._numbers = count(10_001)  # Requests of before must not answer for new ones.

    def resume(self, now: datetime) -> None:
        """Let every workflow begin a new run: it knows only what it reads."""
        self.begin(now, {})
        with self.database.reading() as rows:
            everyone = courses.courses_of(rows, self.edition.id)
        for one in everyone:
            self.look(one.id)

    # -- commands ---------------------------------------------------------------------------------

    def send(self, kind: type[Command], course_id: str, /, **said: Any) -> CourseState:
        """Send a command as a coordinator, now, unless ``said`` says otherwise."""
        defaults = {
            "request_id": f"request-{next(self._numbers)}",
            "course_id": course_id,
            "actor": people.COORDINATOR,
            "at": self.now,
            "recorded_at": self.now,
            "expected_version": self.course(course_id).version,
        }
        command = kind(**{**defaults, **said})
        self.now = max(self.now, command.at)
        return self._carry_out(TRANSACTIONS[kind], command)

    def do(self, kind: type[Command], course_id: str, /, **said: Any) -> str:
        """Send a command that must be carried out; return its answer."""
        state = self.send(kind, course_id, **said)
        assert not state.refused, state.refused
        assert not state.stale
        return state.answer

    def refusal(self, kind: type[Command], course_id: str, /, **said: Any) -> str:
        """Send a command that must be refused and leave nothing behind; return the sentence."""
        before = self.everything()
        state = self.send(kind, course_id, **said)
        assert state.refused, f"it was not refused: {state.answer}"
        assert self.everything() == before
        return state.refused

    # -- time -------------------------------------------------------------------------------------

    def walk(self, until: datetime) -> None:
        """Take every step that falls due until then, in the order of the instants."""
        at_once: Counter[tuple[str, datetime]] = Counter()
        while (due := self._next(until)) is not None:
            course_id, item = due
            self.now = max(self.now, item.at)
            at_once[course_id, self.now] += 1
            assert at_once[course_id, self.now] < STEPS_AT_ONE_INSTANT, f"{item} never ends"
            self.take(course_id, item)
        self.now = max(self.now, until)
        self._nobody_waits_in_vain()

    def take(self, course_id: str, item: AgendaItem) -> CourseState:
        """Carry out one step as ``workflows.course`` does; it must clear its item."""
        transaction = self.steps_of(course_id).get(item.step)
        assert transaction is not None, f"no workflow carries out {item} of {course_id}"
        version = self.known[course_id].version
        command = TakeStep(
            request_id=f"{course_id}@{version}/{item.step}/{item.subject}",
            course_id=course_id,
            actor="programme",
            at=CLOCK.effective(item.at, self.now),
            recorded_at=self.now,
            step=item.step,
            subject=item.subject,
            expected_version=version,
        )
        state = self._carry_out(transaction, command)
        assert not state.refused, f"{item} of {course_id} is refused: {state.refused}"
        if not state.stale:
            assert item not in state.agenda, f"{item} of {course_id} does not clear itself"
            self.walked.append((command.at, course_id, item.step, item.subject))
        return state

    def look(self, course_id: str) -> CourseState:
        """Let the workflow of a course look again."""
        looking = AgendaActivities(self.database)
        state = looking.read_agenda(ReadAgenda(course_id=course_id, at=self.now))
        self.known[course_id] = state
        return state

    def steps_of(self, course_id: str) -> Mapping[Step, Transaction]:
        """Return the steps that the course's workflow carries out in its present stage."""
        if course_id.startswith("edition/"):
            return EditionWorkflow.STEPS
        if course_id.startswith("executive-coaching/"):
            return Coaching.STEPS
        stage = self.known[course_id].stage
        for story in (Recruitment, Onboarding, Coaching, Leaving):
            if stage in story.STAGES:
                return story.STEPS
        return {}

    def _next(self, until: datetime) -> tuple[str, AgendaItem] | None:
        heads = [
            (state.agenda[0], course_id)
            for course_id, state in self.known.items()
            if state.agenda and not state.ended and state.agenda[0].at <= until
        ]
        if not heads:
            return None
        item, course_id = min(heads, key=lambda head: (head[0].at, head[1]))
        return course_id, item

    def _carry_out(self, transaction: Transaction, command: Command) -> CourseState:
        before = self.course(command.course_id).version
        state = carried_out(transaction, self.database, command)
        self.invariants.check(state, before, command)
        self.known[command.course_id] = state
        for one in state.wake:
            self._wake(one)
        return state

    def _wake(self, course_id: str) -> None:
        if course_id.startswith("executive-coaching/"):
            sponsor_id = course_id.rpartition("/")[2]
            wake = WakeExecutiveCoaching(
                course_id=course_id, edition_id=self.edition.id, at=self.now, clock=CLOCK
            )
            # Only the opening of the course: there is no server here to start a workflow on.
            starting = StartActivities(self.database, cast("Client", None), "")
            if not starting._open_course(wake, sponsor_id):
                return
        self.look(course_id)

    def _nobody_waits_in_vain(self) -> None:
        """Fail where a course has something due that its workflow was not told of."""
        for course_id, state in list(self.known.items()):
            due = [item for item in self.fresh(course_id).agenda if item.at <= self.now]
            assert not due, f"nobody told {course_id}, which knows {state.agenda[:1]}, of {due}"

    def fresh(self, course_id: str) -> CourseState:
        """Return what the course would know if it looked now; it does not."""
        known = self.known.get(course_id)
        state = self.look(course_id)
        if known is not None:
            self.known[course_id] = known
        return state
