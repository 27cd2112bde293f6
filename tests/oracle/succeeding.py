"""The oracle's successions: sponsors, organisations, wards that go on as others (P01-P03)."""

from datetime import date, datetime

from schemas.letters import Topic
from schemas.people import Role
from tests.oracle.calendar import take_up_participation
from tests.oracle.casting import hand_over, to_come
from tests.oracle.chases import close_all, open_task
from tests.oracle.deed import Deed
from tests.oracle.post import end_of_course, tell
from tests.oracle.recruiting import course_of
from tests.oracle.sessions import cancel_what_is_ahead, join, put, refuse_clash
from tests.oracle.world import OPEN, Follows, Meeting, No, Ward, World

PLACED = {"committing", "onboarding", "coaching"}
MOVES_ON = (Role.TEAM_MEMBER, Role.PARTNER)
THEIRS = {Role.EXECUTIVE_SPONSOR, Role.ASSISTANT}


def successor(world: World, deed: Deed) -> None:
    """Say who follows a sponsor from a day on, or that nobody does (P01, E05)."""
    new = Follows(deed.target, deed.details.get("by", ""), _midnight(world, deed))
    if {new.old, *([new.new] if new.new else [])} - {*world.people.persons}:
        raise No("nobody knows them")
    if new in world.follows:
        return
    if any(one.old == new.old and not _is_over(world, one, new) for one in world.follows):
        raise No("they leave already")
    under_way = [one for one in world.wards.values() if not one.ended and one.stage != "withdrawn"]
    if not any(_sponsor_before(world, one, new.begins) == new.old for one in under_way):
        raise No("they sponsor nobody")
    said = [one for one in world.follows if one.old == new.old and one.begins < new.begins]
    vacant = bool(said) and not max(said, key=lambda one: one.begins).new
    if new.new == new.old and not vacant:
        raise No("they are sponsor already")
    world.follows.append(new)
    name = f"{world.home.id}|take_up_succession|{new.old}"
    world.when(new.begins, lambda: _take_up(world, new.begins), name=name)


def _is_over(world: World, one: Follows, new: Follows) -> bool:
    """Tell whether what was said binds no more: a post was vacant, or its holder is back."""
    vacant = not one.new and one.begins < new.begins
    back = (other.begins for other in world.follows if other.new == one.old)
    return vacant or one.new == one.old or any(at > one.begins for at in back)


def _sponsor_before(world: World, ward: Ward, at: datetime) -> str:
    """Return who sponsors a service until a day, by all that was said (P01)."""
    sponsor, since = ward.sponsor, ward.sponsored_since
    if since is not None and since >= at:
        return ""
    for one in sorted(world.follows, key=lambda one: one.begins):
        later = since is None or one.begins > since
        if later and one.begins < at and one.old == sponsor and one.new:
            sponsor, since = one.new, one.begins
    return sponsor


def merge(world: World, deed: Deed) -> None:
    """Say that an organisation or a ward becomes one with another from a day on (P02, P03)."""
    if deed.details["kind"] == "organisation":
        return  # It changes what a report shows, and no row of an edition.
    old, new = world.wards.get(deed.target), world.wards.get(deed.details["by"])
    if old is None or new is None or {old.stage, new.stage} - PLACED:
        raise No("only two services with a place become one")
    begins = _midnight(world, deed)
    if (old, new, begins) in world.mergers:
        return
    for gone, remains, day in world.mergers:
        if day <= world.now and not gone.ended:
            continue  # One of the two had left: they did not become one.
        goes, comes = gone is new and day <= begins, remains is old and day >= begins
        if gone is old or goes or comes:
            raise No("they become one with another already")
    world.mergers.append((old, new, begins))
    name = f"{old.id}|take_up_succession"
    world.when(begins, lambda: _become_one(world, old, new), name=name)


def _midnight(world: World, deed: Deed) -> datetime:
    """Return when it begins, which must be before the edition ends."""
    day = date.fromisoformat(deed.details["from"])
    if day > world.edition.window.closes:
        raise No("the edition has ended by then")
    return world.days.at(day)


# -- another sponsor ------------------------------------------------------------------------------


def _take_up(world: World, begins: datetime) -> None:
    """Let all who follow somebody from one day on do so at once (P01).

    Each takes over what the other has on that day: what comes to somebody on the day on which they
    are followed, or later, stays with them.
    """
    new = [one for one in world.follows if one.begins == begins and one not in world.taken_up]
    world.taken_up.update(new)
    for one in new:
        if one.new:
            close_all(world, world.home, "done", kind="sponsor_named", about=one.old)
        else:
            open_task(world, world.home, "sponsor_named", about=one.old)
    moves = [
        (ward, one)
        for ward in sorted(world.wards.values(), key=lambda ward: ward.subject)
        for one in new
        if _is_theirs(ward, one)
    ]
    done = [two for ward, one in moves for two in (one, *_follow(world, ward, one))]
    _let_coaching_follow(world, {*done, *new}, {one.new for one in done if one.new})


def take_up_late(world: World, ward: Ward) -> None:
    """Let a service that comes back take up what was said of the days that it was gone."""
    due = [one for one in world.taken_up if _is_theirs(ward, one)]
    for one in sorted(due, key=lambda one: one.begins)[:1]:
        done = [one, *_follow(world, ward, one)]
        _let_coaching_follow(world, {*done}, {each.new for each in done if each.new})
    for old, new, begins in list(world.mergers):
        if ward in {old, new} and begins <= world.now:
            _become_one(world, old, new)


def _follow(world: World, ward: Ward, one: Follows) -> list[Follows]:
    """Change a service's sponsor; what was said of a day since then, said late, holds for it too.

    Returns what was taken up besides.
    """
    _change_sponsor(world, ward, one.old, one.new)
    ward.sponsored_since = one.begins
    since = [later for later in world.taken_up if _is_theirs(ward, later)]
    for later in sorted(since, key=lambda later: later.begins)[:1]:
        return [later, *_follow(world, ward, later)]
    return []


def _let_coaching_follow(world: World, done: set[Follows], followers: set[str]) -> None:
    for old in sorted({one.old for one in done} & {*world.sponsors}):
        take_up_participation(world, world.sponsors[old])
    for follower in sorted(followers):
        take_up_participation(world, course_of(world, follower))


def _is_theirs(ward: Ward, one: Follows) -> bool:
    """Tell whether a service is somebody's until the day on which they are followed."""
    begun = ward.sponsored_since is None or ward.sponsored_since < one.begins
    there = not ward.ended and ward.withdrawn is None
    return ward.sponsor == one.old and there and begun


def _change_sponsor(world: World, ward: Ward, old: str, new: str) -> None:
    ward.sponsors_before.add(old)
    ward.vacant = not new
    ward.sponsor = new or old
    for other in world.wards_of(new) if new else []:
        if other is not ward and other.first_session is not None and other.withdrawn is None:
            ward.first_session = other.first_session
            ward.executive_coach = other.executive_coach
            break
    for one in to_come(world, ward):
        _hand_over(world, one, old, new)
    for task in world.tasks_of(ward):
        asks_sponsor = world.edition.policy(task.kind).holder is Role.EXECUTIVE_SPONSOR
        if task.state in OPEN and (task.holder == old or (task.holder is None and asks_sponsor)):
            task.holder = new or None
    if new:
        _ask_to_sign_again(world, ward, new)
    world.touch(ward)


def _hand_over(world: World, one: Meeting, old: str, new: str) -> None:
    """Let the new sponsor come instead of the old one; where they cannot, it is dated anew."""
    goes = [who for who in (old, world.assistant(old)) if who and one.people.get(who) in THEIRS]
    comes: dict[str, Role] = {}
    if new and Role.EXECUTIVE_SPONSOR in one.kind.attends:
        comes[new] = Role.EXECUTIVE_SPONSOR
        assistant = world.assistant(new)
        if assistant and Role.ASSISTANT in one.kind.attends:
            comes[assistant] = Role.ASSISTANT
        try:
            refuse_clash(world, one.course, one, [new])
        except No:
            put(world, one, None, reason="clash")
            close_all(world, one.course, "cancelled", about=one.id, reason="undated")
            open_task(world, one.course, "event_dated", about=one.id)
    hand_over(world, one, goes, comes)


def _ask_to_sign_again(world: World, ward: Ward, new: str) -> None:
    """Ask the successor for the signatures; nothing waits for them (P01)."""
    if ward.stage not in PLACED:
        return
    waits = ward.stage == "committing"
    asked = ward.signs_again.setdefault(new, {})
    for commitment, state in ward.signed.items():
        if state == "signed" or not waits:
            asked.setdefault(commitment, "open")
    close_all(world, ward, "cancelled", kind="commitments", reason="sponsor_changed")
    if waits or set(asked.values()) - {"signed"}:
        open_task(world, ward, "commitments")


def sign_again(world: World, ward: Ward, commitment: str, how: str) -> None:
    """Note what a successor signs or declines (P01, R11)."""
    asked = ward.signs_again[ward.sponsor]
    if commitment and commitment not in asked:
        raise No("there is no such commitment")
    for one, state in asked.items():
        if commitment in {"", one} and (commitment or state != "signed"):
            asked[one] = how
    if "declined" in asked.values():
        close_all(world, ward, "cancelled", kind="commitments", reason="commitment_declined")
        open_task(world, ward, "commitment_declined")
        return
    close_all(world, ward, "done", kind="commitment_declined")
    if set(asked.values()) == {"signed"}:
        close_all(world, ward, "done", kind="commitments")
    else:
        open_task(world, ward, "commitments")


# -- two wards become one -------------------------------------------------------------------------


def _become_one(world: World, old: Ward, new: Ward) -> None:
    """Let the team of one join the other; the one ends, and its place stays taken (P03).

    A service that has withdrawn takes nothing up, unless it comes back.
    """
    if not old.ended and not new.ended and new.withdrawn is None:
        for role in MOVES_ON:
            here = world.people.holders(role, new.subject)
            joining = [one for one in world.people.holders(role, old.subject) if one not in here]
            world.people.held += [(one, role, new.subject, False) for one in joining]
            join(world, new, role, joining)
    if not old.ended and not new.ended and old.withdrawn is None:
        _end_as_merged(world, old)


def _end_as_merged(world: World, old: Ward) -> None:
    told = (
        old.lead,
        *world.holders(old, Role.EXECUTIVE_SPONSOR),
        *world.holders(old, Role.DELIVERY_COACH),
    )
    cancel_what_is_ahead(world, old, "merged")
    close_all(world, old, "cancelled", reason="merged")
    end_of_course(world, old, "merged", notices=False)
    old.stage, old.ended = "merged", True
    tell(world, old, Topic.MERGED, *told)
    for ward in world.wards.values():
        if ward.coach == old.coach and ward.coach is not None:
            world.touch(ward)
    world.touch(old)
