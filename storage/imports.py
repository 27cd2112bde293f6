"""Bring lines of sheets into the tables; a line that says what is known changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from schemas.base import Form
from schemas.courses import CourseKind, JournalEntry, Stage
from schemas.ids import edition_course_id, service_course_id
from schemas.import_results import Outcome
from schemas.imports import (
    AbsenceLine,
    CoachLine,
    EnrolmentLine,
    OrganisationLine,
    PersonLine,
    RoleLine,
    ServiceLine,
    SheetKind,
)
from schemas.people import AddressState, Role
from storage.journal import write
from storage.tables.courses import CourseRow, EnrolmentRow, InterestRow
from storage.tables.people import AbsenceRow, OrganisationRow, PersonRow, RoleRow, ServiceRow

Values = dict[str, object]


@dataclass(frozen=True)
class Importer:
    """Who brings the lines in, at what programme time, and under what name of the act."""

    actor: str
    at: datetime
    request_id: str


@dataclass(frozen=True)
class _Wanted:
    """A row as a line wants it; the primary key is among its values."""

    table: type[SQLModel]
    key: tuple[str, ...]
    values: Values

    def identity(self) -> tuple[object, ...]:
        return tuple(self.values[name] for name in self.key)


def outcomes(rows: Session, kind: SheetKind, lines: Sequence[Form]) -> list[Outcome]:
    """Return what bringing lines of one sheet in would do; reads only.

    A line about a place is refused while the course goes on: its workflow alone writes it.
    """
    return [change.outcome for change in _changes(rows, kind, lines)]


def save(
    rows: Session, kind: SheetKind, lines: Sequence[Form], importer: Importer
) -> list[Outcome]:
    """Bring lines of one sheet in and journal each change; return what became of each.

    Lines come in the order in which they may refer to each other.
    """
    changes = _changes(rows, kind, lines)
    for table in dict.fromkeys(wanted.table for change in changes for wanted in change.new):
        new = [one for change in changes for one in change.new if one.table is table]
        rows.execute(insert(table), [table(**one.values).model_dump() for one in new])
    for change in changes:
        for wanted, values in change.changed:
            _update(rows, wanted, values)
    write(
        rows,
        [
            _entry(kind, line, change.outcome, importer)
            for line, change in zip(lines, changes, strict=True)
            if change.outcome in {Outcome.NEW, Outcome.CHANGED}
        ],
    )
    return [change.outcome for change in changes]


def known_ids(rows: Session, kind: SheetKind) -> set[str]:
    """Return the ids of the organisations, services or people that the database has."""
    return set(rows.execute(select(col(_IDENTIFIED[kind].id))).scalars())


def ward_names(rows: Session) -> dict[str, dict[str, str]]:
    """Return the names of the services of each organisation, by service (R12)."""
    query = select(col(ServiceRow.organisation_id), col(ServiceRow.id), col(ServiceRow.name))
    found: dict[str, dict[str, str]] = {}
    for organisation, service, name in rows.execute(query.order_by(col(ServiceRow.id))):
        found.setdefault(organisation, {})[service] = name
    return found


@dataclass(frozen=True)
class _Change:
    """What a line changes: rows that are new, and values of rows that are not."""

    outcome: Outcome
    new: tuple[_Wanted, ...] = ()
    changed: tuple[tuple[_Wanted, Values], ...] = ()


def _changes(rows: Session, kind: SheetKind, lines: Sequence[Form]) -> list[_Change]:
    wanted = [_WANTED[kind](line) for line in lines]
    tables = dict.fromkeys(one.table for some in wanted for one in some)
    known = {
        table: _known(rows, [one for some in wanted for one in some if one.table is table])
        for table in tables
    }
    return [_change(some, known) for some in wanted]


def _known(rows: Session, wanted: Sequence[_Wanted]) -> dict[tuple[object, ...], Values]:
    """Return the rows of one table that are there already, by their keys."""
    core = wanted[0].table.__table__  # type: ignore[attr-defined]
    key = [core.columns[name] for name in wanted[0].key]
    identities = [one.identity() for one in wanted]
    if len(key) == 1:
        where = key[0].in_([one for (one,) in identities])
    else:
        where = tuple_(*key).in_(identities)
    found = rows.execute(select(*core.columns).where(where)).mappings()
    return {tuple(row[column.name] for column in key): dict(row) for row in found}


def _change(
    wanted: list[_Wanted], known: Mapping[type[SQLModel], Mapping[tuple[object, ...], Values]]
) -> _Change:
    new, changed = [], []
    for one in wanted:
        row = known[one.table].get(one.identity())
        if row is None:
            new.append(one)
            continue
        if one.table is CourseRow and row["stage"] is not Stage.COMPLETED:
            return _Change(Outcome.REFUSED)  # a workflow owns the course
        different = {name: value for name, value in one.values.items() if row[name] != value}
        if different:
            changed.append((one, different))
    became = Outcome.CHANGED if new or changed else Outcome.ALREADY_PRESENT
    if len(new) == len(wanted):
        became = Outcome.NEW
    return _Change(became, tuple(new), tuple(changed))


def _update(rows: Session, wanted: _Wanted, values: Values) -> None:
    core = wanted.table.__table__  # type: ignore[attr-defined]
    if "email" in values:  # a new address has not bounced yet (M11)
        values = values | {"address_state": AddressState.GOOD}
    where = [core.columns[name] == wanted.values[name] for name in wanted.key]
    rows.execute(update(core).where(*where).values(**values))


def _entry(kind: SheetKind, line: Form, became: Outcome, importer: Importer) -> JournalEntry:
    edition = getattr(line, "edition", "")
    return JournalEntry(
        course_id=edition_course_id(edition) if edition else "",
        edition_id=edition,
        event=f"{kind.value}.{'imported' if became is Outcome.NEW else 'changed'}",
        subject=_subject(line),
        actor=importer.actor,
        at=importer.at,
        recorded_at=importer.at,
        request_id=importer.request_id,
        policy_version=0,
    )


def _subject(line: Form) -> str:
    names = ("service", "organisation", "person", "coach")
    return next(str(getattr(line, name)) for name in names if hasattr(line, name))


def _organisation(line: Form) -> list[_Wanted]:
    assert isinstance(line, OrganisationLine)
    values = line.model_dump(exclude={"organisation"}) | {"id": line.organisation}
    return [_Wanted(OrganisationRow, ("id",), values | {"region": line.region.value})]


def _service(line: Form) -> list[_Wanted]:
    assert isinstance(line, ServiceLine)
    values = line.model_dump(exclude={"service", "organisation"})
    values |= {"id": line.service, "organisation_id": line.organisation}
    return [_Wanted(ServiceRow, ("id",), values)]


def _person(line: Form) -> list[_Wanted]:
    assert isinstance(line, PersonLine)
    values = line.model_dump(exclude={"person", "assistant"})
    values |= {"id": line.person, "assistant_id": line.assistant}
    return [_Wanted(PersonRow, ("id",), values)]


def _role(line: Form) -> list[_Wanted]:
    assert isinstance(line, RoleLine)
    return [_held(line.person, line.role, line.scope, opted_in=line.opted_in)]


def _coach(line: Form) -> list[_Wanted]:
    assert isinstance(line, CoachLine)
    return [_held(line.coach, Role(line.role.value), line.edition, opted_in=False)]


def _held(person: str, role: Role, scope: str, *, opted_in: bool) -> _Wanted:
    values: Values = {"person_id": person, "role": role, "scope": scope, "opted_in": opted_in}
    return _Wanted(RoleRow, ("person_id", "role", "scope"), values)


def _absence(line: Form) -> list[_Wanted]:
    assert isinstance(line, AbsenceLine)
    values = line.model_dump(exclude={"person"}) | {"person_id": line.person}
    return [_Wanted(AbsenceRow, ("person_id", "from_day"), values)]


def _enrolment(line: Form) -> list[_Wanted]:
    assert isinstance(line, EnrolmentLine)
    course_id = service_course_id(line.edition, line.service)
    course: Values = {
        "id": course_id,
        "kind": CourseKind.SERVICE,
        "edition_id": line.edition,
        "subject_id": line.service,
        "stage": Stage.COMPLETED,
        "opened_at": line.placed_at,
        "ended_at": datetime.combine(line.completed_on + timedelta(days=1), time(), UTC),
    }
    enrolment: Values = {
        "course_id": course_id,
        "edition_id": line.edition,
        "service_id": line.service,
        "submitted_at": line.placed_at,
        "sponsor_id": line.sponsor,
        "lead_id": line.lead,
        "sessions_before": line.sessions_held,
    }
    return [
        _Wanted(CourseRow, ("id",), course),
        _Wanted(EnrolmentRow, ("course_id",), enrolment),
    ]


_WANTED: Mapping[SheetKind, Callable[[Form], list[_Wanted]]] = {
    SheetKind.ORGANISATIONS: _organisation,
    SheetKind.SERVICES: _service,
    SheetKind.PEOPLE: _person,
    SheetKind.ROLES: _role,
    SheetKind.COACHES: _coach,
    SheetKind.ABSENCES: _absence,
    SheetKind.ENROLMENTS: _enrolment,
}

_IDENTIFIED: Mapping[SheetKind, type[OrganisationRow | ServiceRow | PersonRow | InterestRow]] = {
    SheetKind.ORGANISATIONS: OrganisationRow,
    SheetKind.SERVICES: ServiceRow,
    SheetKind.PEOPLE: PersonRow,
    SheetKind.EOIS: InterestRow,
}
