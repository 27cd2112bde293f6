"""The command that lists who or what takes the place of another (P01-P03)."""

from cli import naming, paper, words
from cli.local_time import LocalTime, day_words
from cli.options import AtDesk, EditionOption, Json
from schemas.successions import SuccessionKind
from storage.reads.succession_list import Standing, SuccessionLine, successions_listed


def successions(*, edition: EditionOption = None, json: Json = False, desk: AtDesk) -> None:
    """List successors, vacant posts and mergers, those taken back too, the earliest day first."""
    with desk.reading() as rows:
        found = naming.the_edition(rows, edition)
        now = desk.now(rows)
        lines = successions_listed(rows, found.id, now)
    if json:
        desk.json({"edition": found.id, "now": now, "successions": lines})
        return
    desk.say(f"{found.title} ({found.id}): {words.counted(len(lines), 'succession')}")
    if not lines:
        return
    desk.say("")
    local = LocalTime(found.zone)
    paper.table(
        desk,
        ("=id", "=from", "what changes", "services", "how it stands"),
        (
            (one.id, day_words(one.from_day), _said(one), _services(one), _stands(one, local))
            for one in lines
        ),
    )
    if any(one.standing is Standing.AHEAD for one in lines):
        desk.say("", "What is ahead is taken back before its day with: drumbeat undo ID")


def _said(one: SuccessionLine) -> str:
    old, new = f"{one.old_id} ({one.old})", f"{one.new_id} ({one.new})"
    if one.new_id is None:
        return f"the post of {old}: nobody follows"
    if one.kind is SuccessionKind.SPONSOR:
        return f"{new} follows {old}"
    if one.kind is SuccessionKind.ORGANISATION:
        return f"{old} goes on as {new}"
    return f"{old} becomes one with {new}"


def _services(one: SuccessionLine) -> str:
    return ", ".join(one.services) or "none"


def _stands(one: SuccessionLine, local: LocalTime) -> str:
    if one.standing is Standing.TAKEN_BACK:
        return f"taken back {local.day(one.taken_back_at)} by {one.taken_back_by}"
    return "ahead" if one.standing is Standing.AHEAD else "has begun"
