"""Successions: who or what takes the place of another from a day on; nothing is written over."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session
from sqlmodel import col

from planning.succession import chain_at, followed_at, predecessors_at, successor_at
from schemas.courses import Enrolment
from schemas.people import Organisation
from schemas.successions import (
    CommitmentAgain,
    Sponsorship,
    Succession,
    SuccessionKind,
    TakenUp,
)
from storage import courses, people
from storage.records import add, add_new, every, find_all, save
from storage.tables.successions import (
    CommitmentAgainRow,
    SponsorshipRow,
    SuccessionRow,
    TakenUpRow,
)


def add_succession(rows: Session, new: Succession) -> None:
    """Write a succession."""
    add(rows, SuccessionRow, [new])


def succession(rows: Session, succession_id: str, *, hold: bool = False) -> Succession | None:
    """Return a succession, one that was taken back too.

    Args:
        rows: The transaction.
        succession_id: Which.
        hold: Hold it until the commit, so that nobody takes it up and back at once.

    """
    row = rows.get(SuccessionRow, succession_id, with_for_update=hold, populate_existing=hold)
    return None if row is None else Succession.model_validate(row.model_dump())


def save_succession(rows: Session, changed: Succession) -> None:
    """Write a succession that was taken back."""
    save(rows, SuccessionRow, changed)


def ever_said(rows: Session, edition_id: str) -> tuple[Succession, ...]:
    """Return all that was ever said in an edition, the earliest day first."""
    order = ("from_at", "id")
    return find_all(rows, Succession, SuccessionRow, order, {"edition_id": edition_id})


def successions_of(rows: Session, edition_id: str) -> tuple[Succession, ...]:
    """Return what was said in an edition and stands, the earliest day first."""
    return tuple(one for one in ever_said(rows, edition_id) if one.taken_back_at is None)


def is_taken_up(rows: Session, succession_id: str) -> bool:
    """Tell whether any course has taken up a succession."""
    done = find_all(rows, TakenUp, TakenUpRow, (), {"succession_id": succession_id})
    return bool(done)


def organisations_merged(rows: Session) -> tuple[Succession, ...]:
    """Return which organisations went on as others, in whatever edition it was said."""
    about = {"kind": SuccessionKind.ORGANISATION}
    said = find_all(rows, Succession, SuccessionRow, ("from_at", "id"), about)
    return tuple(one for one in said if one.taken_back_at is None)


def not_taken_up(rows: Session, edition_id: str, course_id: str) -> tuple[Succession, ...]:
    """Return an edition's successions that a course has not taken up, the earliest day first.

    Of a sponsor's only those after the day on which they began there: what was said of them before
    was of other services (P01).
    """
    said = successions_of(rows, edition_id)
    if not said:
        return ()
    done = find_all(rows, TakenUp, TakenUpRow, (), {"course_id": course_id})
    known = {one.succession_id for one in done}
    since = sponsored_since(rows, course_id)
    return tuple(
        one
        for one in said
        if one.id not in known
        and (since is None or one.kind is not SuccessionKind.SPONSOR or one.from_at > since)
    )


def take_up(rows: Session, one: Succession, course_id: str, at: datetime) -> None:
    """Note that a course has taken up a succession."""
    add_new(rows, TakenUpRow, [TakenUp(succession_id=one.id, course_id=course_id, at=at)])


def organisation_at(rows: Session, organisation_id: str, at: datetime) -> str:
    """Return as what an organisation went on by an instant; itself where it never merged (P02)."""
    return successor_at(organisations_merged(rows), organisation_id, at)


def organisations_at(rows: Session, organisation_id: str, at: datetime) -> tuple[str, ...]:
    """Return an organisation and all as which it went on by an instant."""
    return chain_at(organisations_merged(rows), organisation_id, at)


def organisations_by(rows: Session, at: datetime) -> dict[str, Organisation]:
    """Return as what organisations had gone on by an instant, by their ids; others are left out.

    Whatever lists services of a day asks here: a service's row keeps its first organisation (P02).
    """
    said = organisations_merged(rows)
    at_present = {one.old_id: successor_at(said, one.old_id, at) for one in said}
    found = {old: people.organisation(rows, new) for old, new in at_present.items() if new != old}
    return {old: one for old, one in found.items() if one is not None}


def predecessors(rows: Session, edition_id: str, sponsor_id: str, at: datetime) -> tuple[str, ...]:
    """Return the executive sponsors whose place one has taken in an edition by an instant."""
    return predecessors_at(sponsors_said(rows, edition_id), sponsor_id, at)


def followed(rows: Session, edition_id: str, sponsor_id: str, at: datetime) -> dict[str, datetime]:
    """Return the same sponsors, and when each of them was followed."""
    return followed_at(sponsors_said(rows, edition_id), sponsor_id, at)


def sponsors_said(rows: Session, edition_id: str) -> tuple[Succession, ...]:
    """Return what was said of an edition's executive sponsors and stands, earliest day first."""
    said = successions_of(rows, edition_id)
    return tuple(one for one in said if one.kind is SuccessionKind.SPONSOR)


def sponsored_since(rows: Session, course_id: str) -> datetime | None:
    """Return from when a service has the sponsor it has, or none; none: from its beginning."""
    return max((one.from_at for one in sponsorships_of(rows, course_id)), default=None)


def sponsorships_of(rows: Session, course_id: str) -> tuple[Sponsorship, ...]:
    """Return who was a service's executive sponsor and until when, the first one first."""
    return find_all(rows, Sponsorship, SponsorshipRow, ("number",), {"course_id": course_id})


def sponsors_until(rows: Session, enrolment: Enrolment, at: datetime) -> tuple[str, ...]:
    """Return all who had been a service's executive sponsor by an instant, the latest last."""
    known = [one for one in sponsorships_of(rows, enrolment.course_id) if one.from_at <= at]
    ids = (one.sponsor_id for one in reversed(known) if one.sponsor_id is not None)
    return tuple(reversed(tuple(dict.fromkeys(ids)))) or (enrolment.sponsor_id,)


def sponsor_at(rows: Session, enrolment: Enrolment, at: datetime) -> str | None:
    """Return who was a service's executive sponsor at an instant; none: the post was vacant."""
    known = sponsorships_of(rows, enrolment.course_id)
    for one in reversed(known):
        if one.from_at <= at:
            return one.sponsor_id
    return known[0].sponsor_id if known else enrolment.sponsor_id


def enrolments_once_sponsored(
    rows: Session, edition_id: str, sponsor_id: str
) -> tuple[Enrolment, ...]:
    """Return the enrolments of an edition whose sponsor somebody was before another followed."""
    theirs = find_all(rows, Sponsorship, SponsorshipRow, ("course_id",), {"sponsor_id": sponsor_id})
    course_ids = dict.fromkeys(one.course_id for one in theirs)
    found = (courses.enrolment(rows, course_id) for course_id in course_ids)
    return tuple(one for one in found if one is not None and one.edition_id == edition_id)


def begin_sponsorship(
    rows: Session, enrolment: Enrolment, sponsor_id: str | None, from_at: datetime
) -> None:
    """Note from when somebody, or nobody, is a service's sponsor; who was before stays known.

    Call it with the enrolment as it was before the change.
    """
    known = sponsorships_of(rows, enrolment.course_id)
    if not known:
        first = Sponsorship(
            course_id=enrolment.course_id,
            number=1,
            sponsor_id=enrolment.sponsor_id,
            from_at=enrolment.submitted_at,
        )
        add(rows, SponsorshipRow, [first])
        known = (first,)
    save(rows, SponsorshipRow, known[-1].model_copy(update={"until_at": from_at}))
    new = Sponsorship(
        course_id=enrolment.course_id,
        number=known[-1].number + 1,
        sponsor_id=sponsor_id,
        from_at=from_at,
    )
    add(rows, SponsorshipRow, [new])


def asked_again(rows: Session, course_id: str, sponsor_id: str) -> tuple[CommitmentAgain, ...]:
    """Return the commitments that a successor is asked to sign again, in the order of their ids."""
    about = {"course_id": course_id, "sponsor_id": sponsor_id}
    return find_all(rows, CommitmentAgain, CommitmentAgainRow, ("commitment",), about)


def asked_again_of(rows: Session, course_id: str) -> tuple[CommitmentAgain, ...]:
    """Return all that any successor was asked to sign again for a service."""
    where = col(CommitmentAgainRow.course_id) == course_id
    order = [col(CommitmentAgainRow.asked_at), col(CommitmentAgainRow.commitment)]
    return every(rows, CommitmentAgain, CommitmentAgainRow, where, order=order)


def ask_again(rows: Session, new: Iterable[CommitmentAgain]) -> None:
    """Write what a successor is asked to sign again; what was asked before stays as it is."""
    add_new(rows, CommitmentAgainRow, new)


def save_asked_again(rows: Session, changed: CommitmentAgain) -> None:
    """Write a commitment that a successor has signed or declined."""
    save(rows, CommitmentAgainRow, changed)
