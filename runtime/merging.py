"""Successions and mergers at the door: what a form says, and what a dry run would say of it."""

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy.orm import Session

from planning.calendar import calendar_of
from planning.succession import refusal, said_before, sentences
from schemas.courses import JournalEntry
from schemas.forms import MergeInterestForm, SuccessionForm
from schemas.ids import service_course_id
from schemas.successions import Succession
from storage import courses, editions, journal
from storage.interests import mark_merged
from storage.reads.succession_world import world_of


def told_of(rows: Session, form: SuccessionForm, now: datetime) -> tuple[str, tuple[str, ...]]:
    """Return why a succession cannot be, or else what it means for whom; nothing is changed."""
    calendar = calendar_of(editions.latest_edition(rows, form.edition))
    new = Succession(
        id="",
        edition_id=form.edition,
        kind=form.kind,
        old_id=form.old,
        new_id=form.new,
        from_day=form.from_day,
        from_at=calendar.instant(form.from_day, time()),
        said_at=form.at or now,
        said_by=form.actor,
        reason=form.reason,
    )
    world = world_of(rows, new)
    if said_before(new, world) is not None:
        return "", ("That was said already.", *sentences(new, world))
    return refusal(new, world), sentences(new, world)


@dataclass(frozen=True)
class Merged:
    """What became of a second interest: a sentence, or why nothing was done."""

    text: str = ""
    refused: str = ""


def course_of_interest(rows: Session, interest_id: str) -> str:
    """Return the course of the service that an interest is of; empty where there is none."""
    found = courses.interest(rows, interest_id)
    return "" if found is None else service_course_id(found.edition_id, found.service_id)


def merge_interest(
    rows: Session, form: MergeInterestForm, at: datetime, recorded_at: datetime
) -> Merged:
    """Merge a second interest, whose contacts stay its own: that changes no course (R12)."""
    found = courses.interest(rows, form.interest)
    if found is None:
        return Merged(refused=f"There is no expression of interest {form.interest}.")
    if found.state == "first":
        return Merged(refused=f"{found.id} is the first interest of {found.service_id}: it counts.")
    if not mark_merged(rows, found.id):
        return Merged(f"Interest {found.id} was merged already.")
    entry = JournalEntry(
        course_id=service_course_id(found.edition_id, found.service_id),
        edition_id=found.edition_id,
        event="interest.merged",
        subject=found.id,
        actor=form.actor,
        at=at,
        recorded_at=recorded_at,
        reason=form.reason or None,
        request_id=form.request_id or f"merge/{found.id}",
        policy_version=editions.latest_edition(rows, found.edition_id).version,
        facts={"contacts": "kept"},
    )
    journal.write(rows, [entry])
    return Merged(
        f"Interest {found.id} is merged into the first one of {found.service_id}, whose time and "
        "contacts stay."
    )
