"""The oracle's recruitment: interest, order, offers, signatures (R01-R16)."""

from datetime import UTC, datetime, time

from schemas.courses import CommitmentState
from schemas.letters import Topic
from schemas.obligations import ONBOARDING
from schemas.sessions import Cadence
from tests.oracle.calendar import place_once, plan_weekly
from tests.oracle.chases import close_all, open_task
from tests.oracle.days import DAY
from tests.oracle.post import end, tell
from tests.oracle.sessions import kind_of
from tests.oracle.world import OPEN, Course, No, Place, Ward, World

NEEDS = {
    "slot_chosen": Cadence.WEEKLY,
    "event_dated": Cadence.FULL_DAY,
    "sponsor_session_set": Cadence.MONTHLY,
}


def apply(world: World, ward: Ward, interest: str) -> None:
    """Take an expression of interest; a second one starts nothing (R12)."""
    if interest in world.interests:
        return
    world.interests[interest] = ward.subject
    if ward.subject in world.wards:
        return
    world.wards[ward.subject] = ward
    because = _ineligible(world, ward)
    if because:
        ward.because, ward.stage, ward.ended = because, "ineligible", True
        thanks = because in {"provider_kind", "provider_not_yet"}
        tell(world, ward, Topic.INELIGIBLE_THANKS if thanks else Topic.NOT_IN_SCOPE, ward.lead)
        return
    ward.stage = "eligible"
    tell(world, ward, Topic.EOI_RECEIVED, ward.lead)


def deadline(world: World) -> datetime:
    """Return the midnight at which interest is no longer taken (R08)."""
    rules = world.edition.recruitment
    day = rules.deadline
    if rules.deadline_on_non_working_day == "rolls_forward":
        day = world.days.from_on(day)
    return world.days.at(day + DAY)


def _ineligible(world: World, ward: Ward) -> str:
    """Return why a service may not take a place (R03-R08)."""
    rules, at = world.edition.recruitment, ward.submitted
    assert at is not None
    service = world.people.services[ward.subject]
    provider = world.people.organisations[service.organisation].kind
    opens = [one.opens for one in rules.providers if one.kind == provider]
    reasons = {
        "too_early": world.days.day(at) < rules.opens,
        "after_deadline": at >= deadline(world),
        "service_type": service.type not in rules.service_types,
        "not_for_detained_people": rules.detained_people_required and not service.detains,
        "took_part_before": bool(
            {*rules.not_after_editions} & world.people.took_part.get(ward.subject, set())
        ),
        "provider_kind": not opens,
        "provider_not_yet": bool(opens) and world.days.day(at) < min(opens),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def close_recruitment(world: World) -> None:
    """End the call for interest, and ask for the order to be confirmed (R07)."""
    world.places = [Place(number + 1) for number in range(world.edition.places)]
    world.home.stage = "selecting"
    open_task(world, world.home, "selection_decision")


def select(world: World) -> None:
    """Confirm the order as proposed: earlier interest, submission, id (R07)."""
    if world.home.stage == "recruiting":
        raise No("it is open still")
    new = [one for one in world.wards.values() if one.stage == "eligible" and one.rank is None]
    if world.home.stage == "placing" and not new:
        raise No("it was confirmed already")
    clauses = [*world.edition.recruitment.order, "service_id"]
    new.sort(key=lambda one: [_rank(one, clause) for clause in clauses])
    for ward in new:
        world.ranked += 1
        ward.rank = world.ranked
    close_all(world, world.home, "done", kind="selection_decision")
    world.home.stage = "placing"
    allocate(world)
    for ward in new:
        if ward.stage == "eligible" and (ward.rank or 0) > world.edition.places:
            ward.stage = "waitlisted"
            tell(world, ward, Topic.WAITLISTED, ward.lead)


def _rank(ward: Ward, clause: str) -> float | str:
    """Return what one clause of the order says of a service; the lower comes first."""
    if clause == "earlier_interest":
        return float(not ward.earlier)
    if clause == "submitted_at":
        return 0.0 if ward.submitted is None else ward.submitted.timestamp()
    return ward.subject


def allocate(world: World) -> None:
    """Offer free places to the first who wait (R01, R13, R14)."""
    if world.home.stage != "placing":
        return
    rests = world.rests(world.home)
    expires = world.days.after(world.now, world.edition.recruitment.offer_valid, rests)
    waiting = [
        one
        for one in world.wards.values()
        if one.rank is not None and one.place is None and one.stage in {"eligible", "waitlisted"}
    ]
    waiting.sort(key=lambda one: one.rank or 0)
    for place in world.places:
        if place.state == "free" and waiting and expires is not None:
            _offer(world, place, waiting.pop(0), expires)
    close_waitlist(world)


def refill_ends(world: World) -> datetime:
    """Return from when on a place that is freed is not offered again (R13)."""
    weeks = world.edition.recruitment.refill_before_week
    return world.days.at(world.edition.window.opens + weeks * 7 * DAY)


def close_waitlist(world: World) -> None:
    """Tell those who wait where no place can come free any more; they wait on (R13)."""
    ends = refill_ends(world)
    if world.home.stage != "placing" or world.now < ends:
        return
    leaving = any(
        one.place is not None and one.withdrawn is not None and one.withdrawn < ends
        for one in world.wards.values()
        if not one.ended
    )
    if leaving or any(one.state in {"free", "offered"} for one in world.places):
        return
    for ward in world.wards.values():
        if ward.rank is not None and ward.stage in {"eligible", "waitlisted"}:
            tell(world, ward, Topic.NO_PLACE_LEFT, ward.lead)


def tell_of_extension(world: World, ward: Ward, expires: datetime) -> None:
    """Tell of the new day by which to answer an offer; the one before is no longer true."""
    _take_back(world, ward, Topic.OFFER_EXTENDED)
    sponsors = () if ward.vacant else (ward.sponsor,)
    step = expires.astimezone(UTC).isoformat()
    tell(world, ward, Topic.OFFER_EXTENDED, ward.lead, *sponsors, step=step)


def _take_back(world: World, ward: Ward, topic: Topic) -> None:
    for mail in [one for one in world.waiting.values() if one.subject == ward.id]:
        if mail.topic == topic:
            end(world, mail, "superseded", "nothing_to_say")


def _offer(world: World, place: Place, ward: Ward, expires: datetime) -> None:
    place.state, place.ward, place.offered, place.expires = "offered", ward, world.now, expires
    ward.place, ward.stage = place, "offered"
    _take_back(world, ward, Topic.NO_PLACE_LEFT)
    tell(world, ward, Topic.PLACE_OFFERED, ward.lead, step=str(place.number))
    open_task(world, ward, "accept_place")
    _await_expiry(world, place)


def _await_expiry(world: World, place: Place) -> None:
    assert place.expires is not None
    at, ward = place.expires, place.ward
    world.when(at, lambda: _expire(world, place, ward, at), name=f"{world.home.id}|offer_expires")


def decision(world: World, place: Place) -> str:
    """Return what a decision about an expired offer is about."""
    assert place.expires is not None
    return f"{place.number}@{place.expires.isoformat()}"


def _expire(world: World, place: Place, ward: Ward | None, at: datetime) -> None:
    """Ask a coordinator about an offer that has expired, or let it lapse (R13)."""
    if place.state != "offered" or place.ward is not ward or place.expires != at:
        return
    later = _stands_until(world, place)
    if later is not None and later > at:
        place.expires = later
        if ward is not None:
            tell_of_extension(world, ward, later)
        _await_expiry(world, place)
    elif world.edition.recruitment.on_expiry == "lapse":
        lapse(world, place)
    else:
        open_task(world, world.home, "place_decision", about=decision(world, place))


def _stands_until(world: World, place: Place) -> datetime | None:
    assert place.offered is not None
    assert place.expires is not None
    assert place.ward is not None
    valid = world.edition.recruitment.offer_valid
    found = world.days.after(place.offered, valid, world.rests(place.ward))
    return None if found is None else max(found, place.expires)


def decide_offer(world: World, ward: Ward, *, extend: bool) -> None:
    """Extend an offer, or let it lapse (R13)."""
    place = ward.place
    if place is None or place.state != "offered":
        raise No("there is no open offer")
    close_all(world, world.home, "done", kind="place_decision", about=decision(world, place))
    if not extend:
        lapse(world, place)
        return
    rests = world.rests(world.home)
    place.expires = world.days.after(world.now, world.edition.recruitment.offer_valid, rests)
    if place.expires is not None:
        tell_of_extension(world, ward, place.expires)
    _await_expiry(world, place)


def lapse(world: World, place: Place) -> None:
    """Take an offer back; the place goes to the next (R13)."""
    ward = place.ward
    assert ward is not None
    free(world, place, refill=True)
    close_all(world, ward, "cancelled")
    _take_back(world, ward, Topic.OFFER_EXTENDED)
    tell(world, ward, Topic.OFFER_LAPSED, ward.lead)
    ward.stage, ward.ended = "not_placed", True
    allocate(world)


def free(world: World, place: Place, *, refill: bool) -> None:
    """Give a place back, to be offered again or not (R13)."""
    if place.ward is not None:
        place.ward.place = None
    if place.expires is not None:
        close_all(world, world.home, "done", kind="place_decision", about=decision(world, place))
    place.state = "free" if refill else "closed"
    place.ward = place.offered = place.expires = None


def accept(world: World, ward: Ward) -> None:
    """Take the offered place; then the sponsor is asked to sign (R09, R13)."""
    place = ward.place
    if ward.stage != "offered" or place is None or place.expires is None:
        raise No("there is no offer")
    until = _stands_until(world, place)
    if until is not None and world.now > until:
        raise No("it has expired")
    close_all(world, world.home, "done", kind="place_decision", about=decision(world, place))
    place.state, ward.stage = "taken", "committing"
    close_all(world, ward, "done", kind="accept_place")
    _take_back(world, ward, Topic.OFFER_EXTENDED)
    ward.signed = {one.id: "open" for one in world.edition.recruitment.commitments}
    tell(world, ward, Topic.PLACE_CONFIRMED, ward.lead)
    open_task(world, ward, "commitments")
    close_waitlist(world)


def decline(world: World, ward: Ward) -> None:
    """Give the offered place back."""
    if ward.stage != "offered" or ward.place is None:
        raise No("there is no offer")
    free(world, ward.place, refill=True)
    close_all(world, ward, "cancelled")
    _take_back(world, ward, Topic.OFFER_EXTENDED)
    ward.stage, ward.ended = "declined", True
    allocate(world)


def decide(world: World, ward: Ward, commitment: str, how: CommitmentState, *, may: bool) -> None:
    """Note that a commitment was signed or declined; all where none is named (R09-R11, R18)."""
    if ward.stage != "committing" or not may:
        raise No("it is not at its commitments, or nobody says why for another")
    refuses = how is CommitmentState.DECLINED
    for name, state in ward.signed.items():
        wanted = name == commitment if commitment else (not refuses or state == "open")
        if wanted:
            ward.signed[name] = how.value
    if "declined" in ward.signed.values():
        close_all(world, ward, "cancelled", kind="commitments", reason="commitment_declined")
        open_task(world, ward, "commitment_declined")
        return
    close_all(world, ward, "done", kind="commitment_declined")
    if set(ward.signed.values()) == {"signed"}:
        close_all(world, ward, "done", kind="commitments")
        _begin_onboarding(world, ward)
    else:
        open_task(world, ward, "commitments")


def needed(world: World) -> list[str]:
    """Return what is to be settled before the first session (R16)."""
    return [
        kind.value
        for kind in ONBOARDING
        if kind.value not in NEEDS or kind_of(world, NEEDS[kind.value]) is not None
    ]


def _begin_onboarding(world: World, ward: Ward) -> None:
    ward.stage = "onboarding"
    for kind in needed(world):
        open_task(world, ward, kind)
    for other in world.wards_of(ward.sponsor):
        if other is not ward and other.first_session is not None and other.withdrawn is None:
            ward.first_session = other.first_session
            ward.executive_coach = other.executive_coach
            close_all(world, ward, "done", kind="sponsor_session_set")
            break


def settle_onboarding(world: World, ward: Ward) -> None:
    """Plan the sessions once all is settled (R16)."""
    if ward.stage != "onboarding" or ward.withdrawn is not None:
        return
    known = {kind: world.tasks_of(ward, kind) for kind in needed(world)}
    if all(tasks and not any(one.state in OPEN for one in tasks) for tasks in known.values()):
        plan_weekly(world, ward)
        ward.stage = "coaching"
        place_once(world, ward)


def course_of(world: World, sponsor: str) -> Course:
    """Return a sponsor's course."""
    if sponsor not in world.sponsors:
        found = Course(f"executive-coaching/{world.edition.id}/{sponsor}", sponsor, "idle")
        world.sponsors[sponsor] = found
    return world.sponsors[sponsor]


def opens_on(world: World) -> datetime:
    """Return when recruitment opens."""
    return world.days.at(world.edition.recruitment.opens, time())
