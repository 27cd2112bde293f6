"""The oracle's world: what there is, as plain values that change."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import count

from rehearsal.script import Stretch
from schemas.edition import Edition, SessionKind
from schemas.imports import AbsenceLine, OrganisationLine, PersonLine, ServiceLine
from schemas.messages import MessageKind
from schemas.people import Role
from tests.oracle.days import Days, Rest, covers

OPEN = {"open", "promised", "stuck"}
TAKES_PART = {"onboarding", "coaching"}
PROGRAMME_ROLES = {Role.COORDINATOR, Role.PROGRAMME_LEAD, Role.OPS}


class No(Exception):  # noqa: N818 - an answer
    """The rules refuse an act."""


@dataclass(eq=False)
class Course:
    """A course: the edition's, a service's or a sponsor's."""

    id: str
    subject: str
    stage: str
    ended: bool = False
    rests: list[tuple[str, datetime, datetime | None]] = field(default_factory=list)


@dataclass(eq=False)
class Ward(Course):
    """A service in the edition."""

    sponsor: str = ""
    sponsored_since: datetime | None = None
    """From when it has this sponsor, or nobody; none: from its beginning."""
    vacant: bool = False
    sponsors_before: set[str] = field(default_factory=set)
    signs_again: dict[str, dict[str, str]] = field(default_factory=dict)
    """What each successor was asked to sign again, and how that stands (P01)."""
    lead: str = ""
    submitted: datetime | None = None
    earlier: bool = False
    because: str = ""
    rank: int | None = None
    place: "Place | None" = None
    signed: dict[str, str] = field(default_factory=dict)
    coach: str | None = None
    weekday: int | None = None
    clock: time | None = None
    first_session: datetime | None = None
    executive_coach: str | None = None
    withdrawn: datetime | None = None
    undo_until: datetime | None = None
    stage_before: str = ""


@dataclass(eq=False)
class Place:
    """One of the places."""

    number: int
    state: str = "free"
    ward: Ward | None = None
    offered: datetime | None = None
    expires: datetime | None = None


@dataclass(eq=False)
class Meeting:
    """A session."""

    id: str
    course: Course
    kind: SessionKind
    number: int
    planned: date
    starts: datetime | None = None
    ends: datetime | None = None
    record_due: datetime | None = None
    state: str = "to_come"
    sequence: int = 0
    moves: int = 0
    reason: str = ""
    recorded: bool = False
    catches_up: str = ""
    people: dict[str, Role] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    diaries: dict[str, datetime | None] = field(default_factory=dict)
    """When the diary of each person who was ever invited shows it; none: taken out again."""


@dataclass(eq=False)
class Task:
    """An obligation."""

    id: str
    course: Course
    kind: str
    about: str
    holder: str | None
    opened: datetime
    state: str = "open"
    steps: int = 0
    generation: int = 0
    since: datetime | None = None
    next: datetime | None = None
    promised_until: datetime | None = None
    promises: int = 0
    closed: datetime | None = None
    reason: str = ""


@dataclass(eq=False)
class Mail:
    """A message."""

    kind: MessageKind
    topic: str
    subject: str
    sequence: int
    step: str
    person: str
    course: Course
    due: datetime
    useful: datetime | None = None
    asks: bool = False
    state: str = "waiting"
    reason: str = ""

    @property
    def key(self) -> tuple[str, str, int, str, str]:
        """What makes it itself (M08)."""
        return (self.kind.value, self.subject, self.sequence, self.step, self.person)


@dataclass
class People:
    """Everybody, and what they are."""

    persons: dict[str, PersonLine]
    services: dict[str, ServiceLine]
    organisations: dict[str, OrganisationLine]
    held: list[tuple[str, Role, str, bool]]
    absences: list[AbsenceLine]
    took_part: dict[str, set[str]] = field(default_factory=dict)

    def holders(self, role: Role, *scopes: str) -> list[str]:
        """Return who holds a role, by id."""
        found = {who for who, what, scope, _ in self.held if what is role and scope in scopes}
        return sorted(found)

    def away(self, person: str, day: date) -> bool:
        """Tell whether somebody is away."""
        return any(
            one.person == person and one.from_day <= day <= one.until_day for one in self.absences
        )


@dataclass(frozen=True)
class Follows:
    """From a day on somebody takes the place of another; nobody: the post is vacant (P01)."""

    old: str
    new: str
    begins: datetime


Action = Callable[[], None]


class World:
    """All that is, and what falls due next."""

    def __init__(self, edition: Edition, people: People, begins: datetime) -> None:
        """Begin with nothing but people."""
        self.edition, self.days, self.people = edition, Days(edition), people
        self.now = self.heard = begins
        """From when what is done counts, and when it was heard of: later, after an outage."""
        self.home = Course(f"edition/{edition.id}", edition.id, "recruiting")
        self.wards: dict[str, Ward] = {}
        self.sponsors: dict[str, Course] = {}
        self.interests: dict[str, str] = {}
        self.places: list[Place] = []
        self.follows: list[Follows] = []
        self.taken_up: set[Follows] = set()
        self.mergers: list[tuple[Ward, Ward, datetime]] = []
        self.ranked = 0
        self.meetings: dict[str, Meeting] = {}
        self.tasks: dict[str, Task] = {}
        self.mails: dict[tuple[str, str, int, str, str], Mail] = {}
        self.waiting: dict[tuple[str, str, int, str, str], Mail] = {}
        self.operations = 0
        self.written: set[str] = set()
        self.versions: dict[tuple[str, str], int] = {}
        """The highest version of a session that anybody was written of, and each person (M17)."""
        self.steps: defaultdict[tuple[str, str, int], list[Mail]] = defaultdict(list)
        self.touched: dict[str, Course] = {}
        self._meetings_of: defaultdict[str, list[Meeting]] = defaultdict(list)
        self._tasks_of: defaultdict[str, list[Task]] = defaultdict(list)
        self._diaries: defaultdict[str, list[Meeting]] = defaultdict(list)
        self._due: list[tuple[datetime, int, Mail]] = []
        self.bad: set[str] = set()
        self.phoned: dict[str, datetime] = {}
        self.expected: set[tuple[str, datetime]] = set()
        self.heard_task: Callable[[Task], None] = lambda _task: None
        self.heard_meeting: Callable[[Meeting], None] = lambda _meeting: None
        self.down: tuple[Stretch, ...] = ()
        """When nobody works: no step is taken, nothing is handed over, nobody is answered."""
        self._queue: list[tuple[datetime, int, str, datetime, str, int, Action]] = []
        self._numbers = count()

    # -- time -------------------------------------------------------------------------------------

    def when(self, at: datetime, action: Action, *, rank: int = 0, name: str = "") -> None:
        """Let something happen at an instant; of one instant, by rank, course and name.

        What falls due while nobody works happens when somebody does again, in the order in which it
        fell due (M10).
        """
        missed = self.missed(at)
        then = missed.ends if missed else max(at, self.now)
        order = at if missed else then
        course = "" if rank else name.partition("|")[0]
        entry = (then, rank, course, order, name, next(self._numbers), action)
        heapq.heappush(self._queue, entry)

    def missed(self, at: datetime) -> Stretch | None:
        """Return the time without work in which an instant lies, until that has been made up."""
        return next((one for one in self.down if one.covers(at) and self.now <= one.ends), None)

    def next_at(self) -> datetime | None:
        """Return when something is next due."""
        return self._queue[0][0] if self._queue else None

    def step(self) -> None:
        """Let the next thing happen."""
        at, *_, action = heapq.heappop(self._queue)
        self.now = max(self.now, at)
        action()

    # -- what is added ----------------------------------------------------------------------------

    def add_meeting(self, one: Meeting) -> None:
        """Keep a session, for its course and for all who come."""
        self.meetings[one.id] = one
        self._meetings_of[one.course.id].append(one)
        for person in one.people:
            self._diaries[person].append(one)

    def add_person(self, one: Meeting, person: str, role: Role) -> None:
        """Let one more come to a session."""
        one.people[person] = role
        self._diaries[person].append(one)

    def take_person(self, one: Meeting, person: str) -> None:
        """Let somebody come to a session no longer."""
        del one.people[person]
        self._diaries[person].remove(one)
        one.confirmed.discard(person)

    def add_task(self, task: Task) -> None:
        """Keep an obligation."""
        self.tasks[task.id] = task
        self._tasks_of[task.course.id].append(task)

    def wait(self, mail: Mail) -> None:
        """Keep a message until it is due."""
        self.waiting[mail.key] = mail
        heapq.heappush(self._due, (mail.due, next(self._numbers), mail))

    def due(self) -> list[Mail]:
        """Take the messages that are due and still wait."""
        found = []
        while self._due and self._due[0][0] <= self.now:
            at, _, mail = heapq.heappop(self._due)
            if mail.state == "waiting" and mail.due == at and mail not in found:
                found.append(mail)
        return found

    def touch(self, course: Course) -> None:
        """Let a course take up what has come of what happened to it."""
        self.touched[course.id] = course

    # -- reads ------------------------------------------------------------------------------------

    def rests(self, course: Course) -> list[Rest]:
        """Return when a course's clocks stand still: its own pauses, the edition's (X07, X08)."""
        own = [(begins, ends) for _, begins, ends in course.rests]
        whole = [(begins, ends) for _, begins, ends in self.home.rests]
        return [*self.days.breaks, *own, *(whole if course is not self.home else [])]

    def rests_now(self, course: Course, at: datetime | None = None) -> bool:
        """Tell whether a course rests at a moment."""
        return any(covers(rest, at or self.now) for rest in self.rests(course))

    def meetings_of(self, course: Course, kind: str = "") -> list[Meeting]:
        """Return a course's sessions by kind and number."""
        found = [one for one in self._meetings_of[course.id] if kind in {"", one.kind.id}]
        return sorted(found, key=lambda one: (one.kind.id, one.number))

    def tasks_of(self, course: Course, kind: str = "") -> list[Task]:
        """Return a course's obligations."""
        return [one for one in self._tasks_of[course.id] if kind in {"", one.kind}]

    def booked(self, persons: Iterable[str]) -> list[tuple[str, Meeting]]:
        """Return everything that people have to come, with its time."""
        return [
            (who, one)
            for who in persons
            for one in self._diaries[who]
            if one.state == "to_come" and one.starts is not None
        ]

    def wards_of(self, sponsor: str) -> list[Ward]:
        """Return a sponsor's services, by id; none of one who has left (E05)."""
        found = [one for one in self.wards.values() if one.sponsor == sponsor and not one.vacant]
        return sorted(found, key=lambda one: one.subject)

    def taking_part(self, sponsor: str) -> list[Ward]:
        """Return a sponsor's services that take part and have a first session set (C07)."""
        return [
            one
            for one in self.wards_of(sponsor)
            if one.stage in TAKES_PART and not one.ended and one.first_session is not None
        ]

    def holders(self, course: Course, role: Role) -> list[str]:
        """Return who holds a role in a course."""
        if role in PROGRAMME_ROLES or course is self.home:
            scopes = ("*", self.edition.id) if role in PROGRAMME_ROLES else (self.edition.id,)
            return self.people.holders(role, *scopes)
        if isinstance(course, Ward):
            named = {
                Role.SERVICE_LEAD: course.lead,
                Role.EXECUTIVE_SPONSOR: None if course.vacant else course.sponsor,
                Role.DELIVERY_COACH: course.coach,
                Role.EXECUTIVE_COACH: course.executive_coach,
                Role.ASSISTANT: None if course.vacant else self.assistant(course.sponsor),
            }
            if role in named:
                return [one for one in (named[role],) if one]
            return self.people.holders(role, course.subject)
        return self._of_sponsor(course, role)

    def _of_sponsor(self, course: Course, role: Role) -> list[str]:
        theirs = self.wards_of(course.subject) or self._once_theirs(course.subject)
        coaches = [one.executive_coach for one in theirs if one.executive_coach]
        named = {
            Role.EXECUTIVE_SPONSOR: course.subject,
            Role.ASSISTANT: self.assistant(course.subject),
            Role.EXECUTIVE_COACH: coaches[0] if coaches else None,
        }
        if role in named:
            return [one for one in (named[role],) if one]
        return []

    def _once_theirs(self, sponsor: str) -> list[Ward]:
        found = [one for one in self.wards.values() if sponsor in one.sponsors_before]
        return sorted(found, key=lambda one: one.subject)

    def assistant(self, person: str) -> str | None:
        """Return who keeps somebody's diary."""
        return self.people.persons[person].assistant
