"""The command that accounts for every message."""

from typing import Annotated

from cyclopts import Parameter

from cli import naming, paper, words
from cli.desk import Desk
from cli.faults import ExitCode
from cli.options import AtDesk, EditionOption, Json, When
from rehearsal.mail_catcher import copies
from runtime.auditing import account
from runtime.parts import maildir
from schemas.ledger import LedgerReport
from schemas.messages import MessageKind, MessageState
from storage.reads.message_list import WantedMessages, message_counts


def ledger(
    *,
    from_: Annotated[
        When | None, Parameter(name="--from", help="Due on this day or later.")
    ] = None,
    to: Annotated[When | None, Parameter(help="Due on this day or earlier.")] = None,
    state: Annotated[
        tuple[MessageState, ...], Parameter(help="Count only these states; may be repeated.")
    ] = (),
    kind: Annotated[
        tuple[MessageKind, ...], Parameter(help="Count only these kinds; may be repeated.")
    ] = (),
    edition: EditionOption = None,
    json: Json = False,
    desk: AtDesk,
) -> int:
    """Account for every message: planned = open + ended, and nothing unexplained or doubled.

    With --from, --to, --state, --kind or --edition it counts those messages as well.
    """
    counted = None
    with desk.reading() as rows:
        held = copies(maildir(desk.settings))
        report = account(desk.database, desk.settings, desk.real_now(), held)
        if from_ or to or state or kind or edition:
            found = naming.the_edition(rows, edition)
            wanted = WantedMessages(
                edition_id=found.id,
                states=state,
                kinds=kind,
                from_at=from_.instant(found.zone) if from_ else None,
                until_at=to.end(found.zone) if to else None,
            )
            counted = message_counts(rows, wanted)
    if json:
        chosen = {} if counted is None else {"chosen": counted}
        desk.json({**report.model_dump(), **chosen})
    else:
        _print(desk, report)
        if counted is not None:
            _print_counted(desk, counted)
    return ExitCode.DONE if report.is_clean else ExitCode.TROUBLE


def _print(desk: Desk, report: LedgerReport) -> None:
    ended = sum(report.ended.values())
    sign = "=" if report.is_balanced else "is not"
    total = words.counted(report.planned, "message")
    desk.say(f"{total} planned {sign} {report.open} open + {ended} ended")
    lines = [
        ("unexplained", f"{report.unexplained}"),
        ("duplicates", f"{report.duplicates}"),
        ("held back", f"{report.held}"),
    ]
    paper.pairs(desk, lines)
    if not report.by_kind:
        return
    desk.say("")
    states = [state for state in MessageState if state.value in report.ended]
    columns = ("kind", "#planned", "#open", *(f"#{words.MESSAGE_STATES[one]}" for one in states))
    paper.table(
        desk,
        columns,
        (
            (kind, one.planned, one.open, *(one.ended.get(state.value, 0) for state in states))
            for kind, one in report.by_kind.items()
        ),
    )
    if report.stopped:
        desk.say(
            "", "Nothing is handed over: the database is an older copy; drumbeat audit tells more."
        )
    elif not report.is_clean:
        desk.say("", "Something is not accounted for: drumbeat audit tells more.")


def _print_counted(desk: Desk, counted: dict[str, dict[str, int]]) -> None:
    states = [
        state for state in MessageState if any(state.value in one for one in counted.values())
    ]
    desk.say("", f"Chosen: {words.counted(_total(counted), 'message')}")
    if not counted:
        return
    columns = ("kind", *(f"#{words.MESSAGE_STATES[one]}" for one in states))
    paper.table(
        desk,
        columns,
        ((kind, *(one.get(state.value, 0) for state in states)) for kind, one in counted.items()),
    )


def _total(counted: dict[str, dict[str, int]]) -> int:
    return sum(count for one in counted.values() for count in one.values())
