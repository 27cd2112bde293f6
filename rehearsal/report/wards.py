"""One service looked at alone: every session of its own and of its sponsor."""

from datetime import datetime

from rehearsal.report.material import Material, moves_of
from schemas.base import Record
from schemas.ids import executive_course_id
from storage.reads.report_rows import Ward
from storage.reads.session_list import SessionLine


class WardSession(Record):
    """One session.

    Attributes:
        whose: The service or the sponsor, by id.
        starts_at: Local time; none while it had no day.

    """

    whose: str
    kind: str
    title: str
    number: int
    starts_at: datetime | None
    state: str
    reason: str
    minutes: int | None
    moves: int
    catch_up_for: str
    conflict: str


class WardPage(Record):
    """All sessions of one service, earliest first; its sponsors may have other services too.

    Attributes:
        sponsor_id: Empty while the post is vacant (E05).

    """

    service_id: str
    sponsor_id: str
    lead_id: str
    delivery_coach_id: str
    executive_coach_id: str
    sessions: tuple[WardSession, ...]


def ward_pages(material: Material) -> tuple[WardPage, ...]:
    """Return the sessions of each service, by id."""
    return tuple(_page(material, one) for one in material.coached)


def _page(material: Material, ward: Ward) -> WardPage:
    executive = [executive_course_id(material.edition.id, one) for one in ward.sponsor_ids]
    own = [
        *material.sessions_of[ward.course_id],
        *(one for course_id in executive for one in material.sessions_of.get(course_id, [])),
    ]
    dated = sorted(
        own, key=lambda one: (one.starts_at is None, one.starts_at or material.at, one.id)
    )
    return WardPage(
        service_id=ward.service_id,
        sponsor_id=ward.sponsor_id,
        lead_id=ward.lead_id,
        delivery_coach_id=ward.delivery_coach_id or "",
        executive_coach_id=ward.executive_coach_id or "",
        sessions=tuple(_session(material, one) for one in dated),
    )


def _session(material: Material, one: SessionLine) -> WardSession:
    return WardSession(
        whose=one.subject_id,
        kind=one.kind,
        title=material.kinds[one.kind].title,
        number=one.number,
        starts_at=None if one.starts_at is None else material.calendar.local(one.starts_at),
        state=one.state.value,
        reason=one.reason.value if one.reason else "",
        minutes=one.held_minutes,
        moves=moves_of(one),
        catch_up_for=one.catch_up_for or "",
        conflict=one.conflict,
    )
