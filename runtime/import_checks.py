"""Check the lines of sheets against their forms, each other and what is known already."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pydantic import ValidationError

from planning.ward_names import same_ward
from runtime.sheets import Line, Sheet
from schemas.base import Form
from schemas.cells import CellError, nearest
from schemas.import_results import Fault, shortened
from schemas.imports import (
    FORMS,
    KEYS,
    REFERENCES,
    CoachLine,
    PersonLine,
    RoleLine,
    ServiceLine,
    SheetKind,
)
from schemas.people import Channel, Role

OF_A_SERVICE = {Role.SERVICE_LEAD, Role.TEAM_MEMBER, Role.PARTNER}


@dataclass(frozen=True)
class GoodLine:
    """A line that can be brought in."""

    file: str
    row: int
    form: Form

    def subject(self, kind: SheetKind) -> str:
        """Return what the line is about, its parts set apart by spaces."""
        return " ".join(str(getattr(self.form, name)) for name in KEYS[kind])


@dataclass
class Known:
    """What lines may refer to, in the database or in a sheet that was read before.

    Attributes:
        ids: Ids of organisations, services and people.
        editions: Editions that were opened.
        wards: Names of the services of each organisation, by service.

    """

    ids: dict[SheetKind, set[str]] = field(default_factory=dict)
    editions: frozenset[str] = frozenset()
    wards: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class Checked:
    """The lines of one sheet, divided."""

    kind: SheetKind
    file: str
    good: list[GoodLine] = field(default_factory=list)
    bad: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def check_sheet(sheet: Sheet, known: Known, seen: dict[str, str]) -> Checked:
    """Divide a sheet's lines into good and bad, and add what the good ones name to ``known``.

    Args:
        sheet: A sheet of a known kind.
        known: What its lines may refer to.
        seen: Where each thing was named by earlier lines of this kind, in whatever file.

    """
    assert sheet.kind is not None
    checked = Checked(sheet.kind, sheet.file, faults=list(sheet.faults))
    for line in sheet.lines:
        form, faults = _read(sheet, line)
        if form is not None:
            good = GoodLine(sheet.file, line.row, form)
            faults += _repeated(good, sheet.kind, seen)
            faults += _unknown_references(good, sheet.kind, known, sheet)
            faults += _doubts(good, known)
        checked.faults += faults
        if form is None or any(not fault.warning for fault in faults):
            checked.bad.append(line)
        else:
            checked.good.append(good)
            _learn(form, sheet.kind, known)
    return checked


def _read(sheet: Sheet, line: Line) -> tuple[Form | None, list[Fault]]:
    assert sheet.kind is not None
    form = FORMS[sheet.kind]
    try:
        return form.model_validate(line.cells), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return None, [_fault(sheet.file, line, form, details) for details in found]


def _fault(file: str, line: Line, form: type[Form], details: object) -> Fault:
    assert isinstance(details, dict)
    column = str(details["loc"][0]) if details["loc"] else None
    value = shortened(line.cells.get(column, "")) if column else ""
    cause = details.get("ctx", {}).get("error")
    if isinstance(cause, CellError):
        problem, remedy = str(cause), cause.remedy
        value = value if cause.shown else ""
    elif details["type"] == "missing" and column is not None:
        problem = "is empty"
        remedy = f"fill it in: {form.model_fields[column].description}".rstrip(".")
    else:
        problem = str(details["msg"])[:1].lower() + str(details["msg"])[1:]
        remedy = "docs/import-columns.md says what the column takes"
    return Fault(
        file=file, row=line.row, column=column, value=value, problem=problem, remedy=remedy
    )


def _repeated(good: GoodLine, kind: SheetKind, seen: dict[str, str]) -> list[Fault]:
    place = f"row {good.row} of {good.file}"
    first = seen.setdefault(good.subject(kind), place)
    if first == place:
        return []
    problem = f"{' and '.join(KEYS[kind])} are those of {first}"
    if len(KEYS[kind]) == 1:
        problem = f"is the {KEYS[kind][0]} of {first} too"
    return [
        Fault(
            file=good.file,
            row=good.row,
            column=KEYS[kind][0],
            value=shortened(good.subject(kind)),
            problem=problem,
            remedy="take one of the two out",
        )
    ]


def _unknown_references(
    good: GoodLine, kind: SheetKind, known: Known, sheet: Sheet
) -> Iterator[Fault]:
    for column, named in REFERENCES.get(kind, {}).items():
        value = getattr(good.form, column)
        ids = known.ids.get(named, set())
        if value is None or value in ids or (named is kind and _names(sheet, column, value)):
            continue
        near = nearest(value, ids)
        remedy = f"bring in its line of {named} first" + (f", or is it {near}?" if near else "")
        yield _about(good, column, f"is in no sheet of {named} and not in the database", remedy)


def _names(sheet: Sheet, column: str, value: str) -> bool:
    """Tell whether a later line of the same sheet is about ``value``, and refers to nobody."""
    assert sheet.kind is not None
    key = KEYS[sheet.kind][0]
    return any(
        line.cells.get(key, "").upper() == value and column not in line.cells
        for line in sheet.lines
    )


def _doubts(good: GoodLine, known: Known) -> Iterable[Fault]:
    if isinstance(good.form, ServiceLine):
        return _ward_doubts(good, good.form, known)
    if isinstance(good.form, PersonLine):
        return _person_doubts(good, good.form)
    if isinstance(good.form, RoleLine):
        return _scope_doubts(good, good.form, known)
    if isinstance(good.form, CoachLine) and good.form.edition not in known.editions:
        return [_not_opened(good, "edition")]
    return []


def _ward_doubts(good: GoodLine, form: ServiceLine, known: Known) -> Iterator[Fault]:
    wards = known.wards.get(form.organisation, {})
    if form.service in wards:  # it was brought in before, and looked at then
        return
    for other, name in wards.items():
        if same_ward(form.name, name):
            yield _about(
                good,
                "name",
                f"reads like {other} ({shortened(name)}) of the same organisation",
                "if it is the same ward, use that id; else leave it",
                warning=True,
            )


def _person_doubts(good: GoodLine, form: PersonLine) -> Iterator[Fault]:
    if form.channel is Channel.MAIL and form.email is None:
        problem = "is empty, so that no mail can reach the person"
        yield _about(good, "email", problem, "add an address, or set channel", warning=True)
    if form.channel is Channel.PHONE and form.phone is None:
        problem = "is empty, and the person prefers the phone"
        yield _about(good, "phone", problem, "add a number", warning=True)


def _scope_doubts(good: GoodLine, form: RoleLine, known: Known) -> Iterator[Fault]:
    services = known.ids.get(SheetKind.SERVICES, set())
    organisations = known.ids.get(SheetKind.ORGANISATIONS, set())
    if form.role in OF_A_SERVICE and form.scope not in services:
        yield _about(good, "scope", f"is no known service, as a {form.role} needs", "name one")
    elif form.scope[0].isupper() and form.scope not in services | organisations:
        yield _about(good, "scope", "is no known service or organisation", "bring it in first")
    elif form.scope[0].islower() and form.scope not in known.editions:
        yield _not_opened(good, "scope")


def _not_opened(good: GoodLine, column: str) -> Fault:
    problem = "is no edition that has been opened"
    return _about(good, column, problem, "open it before its coaches are needed", warning=True)


def _about(
    good: GoodLine, column: str, problem: str, remedy: str, *, warning: bool = False
) -> Fault:
    value = getattr(good.form, column)
    return Fault(
        file=good.file,
        row=good.row,
        column=column,
        value="" if value is None else shortened(str(value)),
        problem=problem,
        remedy=remedy,
        warning=warning,
    )


def _learn(form: Form, kind: SheetKind, known: Known) -> None:
    if kind in {SheetKind.ORGANISATIONS, SheetKind.SERVICES, SheetKind.PEOPLE}:
        known.ids.setdefault(kind, set()).add(getattr(form, KEYS[kind][0]))
    if isinstance(form, ServiceLine):
        known.wards.setdefault(form.organisation, {})[form.service] = form.name
