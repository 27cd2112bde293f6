"""What scripted people will do next, known ahead, so that the time between can be skipped.

The script fixes when each act is done once what it answers is there; so of a course that has not
changed nothing needs to be looked at again.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.orm import Session as Rows

from rehearsal.acts import Act
from rehearsal.answering import answers
from rehearsal.conducting import conduct
from rehearsal.scene import AHEAD, OFTEN, SOON, Scene, Times
from rehearsal.script_files import Script
from rehearsal.scripted import events
from schemas.edition import Edition
from schemas.ids import edition_course_id
from schemas.sessions import Session
from storage.database import Database
from storage.editions import latest_edition
from storage.obligations import open_obligations_of
from storage.places import places_of
from storage.sessions import participants, sessions_to_come

FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass
class Foresight:
    """Acts to come, earliest first; acts of one instant are in the order of their names."""

    script: Script
    database: Database
    _coming: list[tuple[datetime, str, str, int, Act]] = field(default_factory=list)
    _generations: dict[str, int] = field(default_factory=dict)
    _nearer_at: dict[str, datetime] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)
    _times: Times = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Foresee what people do by themselves."""
        for act in events(self.script):
            self._add("", act, act.at)

    def look(self, courses: Iterable[str], now: datetime) -> None:
        """Look again at courses that have changed; what was foreseen of them is forgotten.

        Of sessions, those are seen that a scene shows (``rehearsal.scene``); so a course is looked
        at again when its next session comes near enough.
        """
        coming_near = [one for one, at in self._nearer_at.items() if at <= now]
        wanted = sorted({*courses, *coming_near})
        if not wanted:
            return
        with self.database.reading() as rows:
            for course in wanted:
                self._generations[course] = self._generations.get(course, 0) + 1
                scene = self._scene(rows, course, now)
                for act in (*answers(self.script, scene), *conduct(self.script, scene)):
                    self._add(course, act, max(act.at, now))

    def next_at(self) -> datetime | None:
        """Return when somebody acts next."""
        self._drop_stale()
        found = list(self._nearer_at.values())
        return min(found + [act[0] for act in self._coming[:1]], default=None)

    def due(self, now: datetime) -> Iterator[Act]:
        """Yield what is to be done by ``now``, also what is foreseen while acts are carried out."""
        self._drop_stale()
        while self._coming and self._coming[0][0] <= now:
            act = heapq.heappop(self._coming)[-1]
            self._begun.add(act.name)
            yield act
            self._drop_stale()

    def _add(self, course: str, act: Act, at: datetime) -> None:
        if act.name not in self._begun:
            generation = self._generations.get(course, 0)
            heapq.heappush(self._coming, (at, act.name, course, generation, act))

    def _drop_stale(self) -> None:
        while self._coming:
            _, name, course, generation, _ = self._coming[0]
            if generation == self._generations.get(course, 0) and name not in self._begun:
                return
            heapq.heappop(self._coming)

    def _scene(self, rows: Rows, course: str, now: datetime) -> Scene:
        """Return what can be seen of one course."""
        edition = latest_edition(rows, self.script.edition)
        near = self._near(sessions_to_come(rows, course), course, edition, now)
        return Scene(
            now=now,
            edition=edition,
            obligations=open_obligations_of(rows, course),
            sessions=near,
            participants=participants(rows, [one.id for one in near]) if near else (),
            places=places_of(rows, edition.id) if course == edition_course_id(edition.id) else (),
            times=self._times,
            foreseen_until=FOR_EVER,
        )

    def _near(
        self, sessions: Iterable[Session], course: str, edition: Edition, now: datetime
    ) -> tuple[Session, ...]:
        """Return the sessions near now, and note when the next one will be."""
        near = []
        self._nearer_at.pop(course, None)
        for one in sessions:
            if one.starts_at is None:
                continue
            often = edition.session_kind(one.kind).cadence in OFTEN
            seen_at = one.starts_at - (SOON if often else AHEAD)
            if seen_at <= now:
                near.append(one)
            else:
                self._nearer_at[course] = min(seen_at, self._nearer_at.get(course, seen_at))
        return tuple(near)
