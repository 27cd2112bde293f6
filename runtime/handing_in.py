"""Hand lines of sheets in at the programme's door: what only the programme may change."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from runtime.import_checks import Checked, GoodLine
from runtime.programme import Refused
from schemas.courses import Stage
from schemas.forms import (
    Answer,
    ApplyForm,
    CoachForm,
    EventForm,
    PartnerForm,
    SlotForm,
    SponsorSessionForm,
)
from schemas.ids import service_course_id
from schemas.import_results import LineResult, Outcome
from schemas.imports import InterestLine, SlotLine
from schemas.obligations import ObligationKind
from storage.courses import course, enrolment, interest
from storage.database import Database
from storage.imports import Importer
from storage.obligations import obligations_of

COACHED = "its sessions are planned, and only the programme changes who coaches them and when"


class Door(Protocol):
    """What an import asks of the programme."""

    async def apply(self, form: ApplyForm) -> Answer:
        """Take an expression of interest."""

    async def assign_coach(self, form: CoachForm) -> Answer:
        """Assign a delivery coach."""

    async def choose_slot(self, form: SlotForm) -> Answer:
        """Choose the weekly slot."""

    async def date_event(self, form: EventForm) -> Answer:
        """Date a full-day event."""

    async def seek_partner(self, form: PartnerForm) -> Answer:
        """Note that a partner is sought."""

    async def set_sponsor_session(self, form: SponsorSessionForm) -> Answer:
        """Set the sponsor's first executive session."""


@dataclass(frozen=True)
class HandIn:
    """Where lines are handed in, and by whom; without a door the outcomes are a forecast."""

    database: Database
    importer: Importer
    door: Door | None


async def hand_in(checked: Checked, into: HandIn) -> AsyncIterator[LineResult]:
    """Hand in lines one after the other, the earliest interest first, and tell what became of each.

    A line that the database knows already is not handed in again.
    """
    for line in sorted(checked.good, key=_order):
        form = line.form
        if isinstance(form, InterestLine):
            became, why = await _interest(form, into)
        else:
            assert isinstance(form, SlotLine)
            became, why = await _slot(form, into)
        yield LineResult(
            file=line.file,
            row=line.row,
            subject=line.subject(checked.kind),
            outcome=became,
            why=why,
        )


def _order(line: GoodLine) -> tuple[str, int]:
    submitted = line.form.submitted_at.isoformat() if isinstance(line.form, InterestLine) else ""
    return submitted, line.row


async def _interest(line: InterestLine, into: HandIn) -> tuple[Outcome, str]:
    known = await asyncio.to_thread(_known_interest, line, into.database)
    outcome = known.outcome if known else Outcome.NEW
    if outcome is Outcome.REFUSED:
        return outcome, "it was handed in with other content, which a sheet does not change"
    # One that nobody has looked at yet is handed in again: an import that was broken off may have
    # written it down and not started its workflow. Where that runs, nothing happens twice.
    if into.door is None or (known is not None and known.looked_at):
        return outcome, ""
    try:
        answer = await into.door.apply(_form(line, into.importer))
    except Refused as refusal:
        return Outcome.REFUSED, str(refusal)
    return outcome, answer.text


def _form(line: InterestLine, importer: Importer) -> ApplyForm:
    return ApplyForm(
        actor=importer.actor,
        at=line.submitted_at,
        reason="imported",
        request_id=f"import/{line.edition}/{line.interest}",
        interest_id=line.interest,
        edition=line.edition,
        service=line.service,
        sponsor=line.sponsor,
        lead=line.lead,
        submitted_at=line.submitted_at,
        earlier_interest=line.earlier_interest,
        sessions_before=line.sessions_before,
    )


@dataclass(frozen=True)
class _Known:
    outcome: Outcome
    looked_at: bool


def _known_interest(line: InterestLine, database: Database) -> _Known | None:
    with database.reading() as rows:
        found = interest(rows, line.interest)
        of_service = course(rows, service_course_id(line.edition, line.service))
    if found is None:
        return None
    wanted = line.model_dump(include={"submitted_at", "earlier_interest"}) | {
        "edition_id": line.edition,
        "service_id": line.service,
        "sponsor_id": line.sponsor,
        "lead_id": line.lead,
    }
    same = found.model_dump(include=set(wanted)) == wanted
    looked_at = of_service is not None and of_service.stage is not Stage.APPLIED
    return _Known(Outcome.ALREADY_PRESENT if same else Outcome.REFUSED, looked_at)


async def _slot(line: SlotLine, into: HandIn) -> tuple[Outcome, str]:
    settled = await asyncio.to_thread(_settled, line, into.database)
    if settled is None:
        return Outcome.REFUSED, "the service has not applied in this edition"
    if settled.wholly:
        return Outcome.ALREADY_PRESENT, ""
    if settled.coached and not settled.as_planned:
        return Outcome.REFUSED, COACHED
    if into.door is not None:
        try:
            await _settle(line, settled, into.door, into.importer)
        except Refused as refusal:
            return Outcome.REFUSED, str(refusal)
    begun = settled.coach or settled.slot or settled.event
    return (Outcome.CHANGED if begun else Outcome.NEW), ""


class _Settled(NamedTuple):
    """What of a line is settled: an import that was broken off has settled some of it.

    Attributes:
        coached: Whether the service is coached already; people may have changed what was settled.

    """

    coached: bool
    coach: bool
    slot: bool
    event: bool
    partner: bool
    sponsor_session: bool

    @property
    def as_planned(self) -> bool:
        """Whether coach, slot and event are as the line says: sessions are planned by them."""
        return self.coach and self.slot and self.event

    @property
    def wholly(self) -> bool:
        """Whether nothing of the line is left to settle."""
        return self.as_planned and self.partner and self.sponsor_session


def _settled(line: SlotLine, database: Database) -> _Settled | None:
    """Return what is as the line says; a sponsor's first session that is set stays as it is."""
    course_id = service_course_id(line.edition, line.service)
    with database.reading() as rows:
        found = enrolment(rows, course_id)
        of_service = course(rows, course_id)
        asked = obligations_of(rows, course_id, ObligationKind.PARTNER_SOUGHT)
    if found is None:
        return None
    return _Settled(
        coached=of_service is not None and of_service.stage is Stage.COACHING,
        coach=found.delivery_coach_id == line.coach,
        slot=(found.slot_weekday, found.slot_time) == (line.weekday.number, line.starts),
        event=found.event_day == line.event_day,
        partner=not any(one.state.is_open for one in asked),
        sponsor_session=line.executive_day is None or found.sponsor_first_at is not None,
    )


async def _settle(line: SlotLine, settled: _Settled, door: Door, importer: Importer) -> None:
    act = {
        "edition": line.edition,
        "service": line.service,
        "actor": importer.actor,
        "reason": "imported",
    }
    if not settled.coach:
        await door.assign_coach(CoachForm.model_validate(act | {"coach": line.coach}))
    if not settled.slot:
        slot = {"weekday": line.weekday.number, "clock_time": line.starts}
        await door.choose_slot(SlotForm.model_validate(act | slot))
    if not settled.event:
        await door.date_event(EventForm.model_validate(act | {"day": line.event_day}))
    if not settled.partner:
        await door.seek_partner(PartnerForm.model_validate(act | {"partner": line.partner or ""}))
    if not settled.sponsor_session:
        first = {
            "day": line.executive_day,
            "clock_time": line.executive_starts,
            "coach": line.executive_coach or "",
        }
        await door.set_sponsor_session(SponsorSessionForm.model_validate(act | first))
