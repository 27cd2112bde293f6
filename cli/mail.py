"""Commands about mail: hold, redirect or release it, list it, read it."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from cli import naming, paper, words
from cli.asking import fill
from cli.desk import Desk
from cli.faults import FaultError, usage
from cli.local_time import LocalTime
from cli.options import Act, AtDesk, EditionOption, Json, When
from cli.sheets import SheetOption, write
from schemas.forms import ActForm
from schemas.messages import MailMode, MessageKind, MessageState
from storage.installation import installation
from storage.reads.known_ids import message_keys
from storage.reads.message_list import MessageLine, WantedMessages, messages_listed

if TYPE_CHECKING:
    from runtime.mail_preview import Read

KEY_LENGTH = 12
"""Characters of a message's key that lists show; any beginning that only one key has will do."""


def held(*, act: Act, desk: AtDesk) -> None:
    """Let no mail leave; what would have left waits, and mail list --state waiting shows it."""
    _change(desk, act, MailMode.HELD, None)


def redirect(
    address: Annotated[str, Parameter(help="The one address that gets all mail.")],
    /,
    *,
    act: Act,
    desk: AtDesk,
) -> None:
    """Send all mail to one address; each mail says whom it was meant for."""
    from email_validator import EmailNotValidError, validate_email

    try:
        checked = validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise usage(f"{address} is no mail address: {str(error).rstrip('.')}.") from None
    _change(desk, act, MailMode.REDIRECT, checked)


def live(*, act: Act, desk: AtDesk) -> None:
    """Let mail leave for those it is meant for; what is no longer useful does not go."""
    _change(desk, act, MailMode.LIVE, None)


def list_mail(
    about: Annotated[
        str | None, Parameter(help="Only about this session, obligation, service or person.")
    ] = None,
    /,
    *,
    state: Annotated[
        tuple[MessageState, ...], Parameter(help="Only in this state; may be repeated.")
    ] = (),
    kind: Annotated[
        tuple[MessageKind, ...], Parameter(help="Only of this kind; may be repeated.")
    ] = (),
    from_: Annotated[
        When | None, Parameter(name="--from", help="Due on this day or later.")
    ] = None,
    to: Annotated[When | None, Parameter(help="Due on this day or earlier.")] = None,
    limit: Annotated[int, Parameter(help="How many lines.")] = 40,
    edition: EditionOption = None,
    json: Json = False,
    csv: SheetOption = None,
    desk: AtDesk,
) -> None:
    """List messages, the latest due first, and what became of each."""
    with desk.reading() as rows:
        found = naming.the_edition(rows, edition)
        wanted = WantedMessages(
            edition_id=found.id,
            about=naming.anything(rows, about, edition) if about else None,
            states=state,
            kinds=kind,
            from_at=from_.instant(found.zone) if from_ else None,
            until_at=to.end(found.zone) if to else None,
            limit=limit,
        )
        lines = messages_listed(rows, wanted)
        installed = installation(rows)
    if csv is not None:
        write(desk, csv, lines)
    elif json:
        desk.json({"edition": found.id, "mode": installed.mail_mode, "messages": lines})
    else:
        desk.say(f"Mail is {words.MAIL_MODES[installed.mail_mode]}.")
        _print(desk, LocalTime(found.zone), lines)


def show(
    key: Annotated[str, Parameter(help="The message's key, or its beginning.")],
    /,
    *,
    json: Json = False,
    desk: AtDesk,
) -> None:
    """Show one message as it was sent, or as it would be sent now."""
    from runtime.mail_preview import mail_of

    with desk.reading() as rows:
        found = message_keys(rows, key.strip().lower())
        if len(found) != 1:
            raise FaultError(_not_one(key, found))
        try:
            read = mail_of(rows, found[0], desk.settings, desk.now(rows))
        except LookupError as error:
            raise FaultError(f"{found[0]} cannot be shown: {error}.") from None
    if json:
        desk.json({"key": found[0], **vars(read)})
        return
    desk.say(
        f"Message {found[0]}, "
        + ("as it was made for sending:" if read.stored else "as it would be sent now:")
    )
    _print_mail(desk, read)


def preview(
    kind: Annotated[MessageKind, Parameter(help="The kind of message.")],
    topic: Annotated[
        str | None, Parameter(help="What it is about; all topics, if left out.")
    ] = None,
    /,
    *,
    desk: AtDesk,
) -> None:
    """Show the text of a kind of message, with made-up facts."""
    from runtime.mail_preview import previews

    try:
        found = previews(kind, topic)
    except LookupError as error:
        raise usage(f"{error}.") from None
    for name, read in found.items():
        paper.heading(desk, f"{kind.value} {name}")
        _print_mail(desk, read)


def _change(desk: Desk, act: Act, mode: MailMode, redirect_to: str | None) -> None:
    from runtime.mail_mode import change_mail_mode

    with desk.reading() as rows:
        now = desk.now(rows)
        fields = act.fields("Europe/London")
        form = fill(ActForm, **{**fields, "actor": naming.the_actor(rows, act.actor)})
    changed = change_mail_mode(desk.database, form, mode, redirect_to, now)
    said = words.MAIL_MODES[mode] if redirect_to is None else f"redirected to {redirect_to}"
    desk.say(f"Mail is {said}." if changed else f"Mail was {said} already; nothing has changed.")


def _not_one(key: str, found: tuple[str, ...]) -> str:
    if not found:
        return f"There is no message {key}: drumbeat mail list prints the keys."
    return f"Several keys begin with {key}: {words.listed([one[:KEY_LENGTH] for one in found])}."


def _print(desk: Desk, local: LocalTime, lines: tuple[MessageLine, ...]) -> None:
    if not lines:
        desk.say("There is no such message.")
        return
    desk.say("")
    paper.table(
        desk,
        ("=key", "=due", "=about", "what it is, and what became of it"),
        (
            (
                one.key[:KEY_LENGTH],
                local.instant(one.due_at),
                one.subject,
                _became(one),
            )
            for one in lines
        ),
    )


def _became(one: MessageLine) -> str:
    said = f"{words.MESSAGE_KINDS[one.kind]} to {one.person} ({one.person_id}): "
    said += words.MESSAGE_STATES[one.state]
    return f"{said}, {words.MESSAGE_REASONS[one.reason]}" if one.reason else said


def _print_mail(desk: Desk, read: "Read") -> None:
    lines = [("From", read.sender), ("To", read.to), ("Subject", read.subject)]
    if read.attachments:
        lines.append(("Attached", ", ".join(read.attachments)))
    paper.pairs(desk, lines)
    desk.say("")
    paper.block(desk, read.text)
    desk.say("")
