"""The ``drumbeat`` command: what there is, and how a command is run.

A command's file is imported when that command is used, so that help answers at once.
"""

import inspect
import os
import sys
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, cast

from cyclopts import App, CycloptsError, Group, Parameter
from cyclopts.exceptions import (
    CoercionError,
    MissingArgumentError,
    UnknownCommandError,
    UnusedCliTokensError,
)

from cli.desk import Desk
from cli.faults import ExitCode, FaultError

RECRUITMENT = Group("Recruitment and onboarding", sort_key=1)
SESSIONS = Group("Sessions", sort_key=2)
COURSES = Group("A service's way", sort_key=3)
LOOKING = Group("Looking", sort_key=4)
MESSAGES = Group("Messages", sort_key=5)
ROOM = Group("The installation", sort_key=6)
EVERYWHERE = Group("Everywhere", sort_key=9)

COMMANDS: dict[str, tuple[str, Group, str]] = {
    "import": ("cli.importing:bring_in", RECRUITMENT, "Bring sheets in."),
    "apply": ("cli.recruitment:apply", RECRUITMENT, "Take a service's expression of interest."),
    "select": (
        "cli.selection:select",
        RECRUITMENT,
        "Confirm the order of places.",
    ),
    "order": ("cli.selection:order", RECRUITMENT, "Show the proposed order of places."),
    "accept": ("cli.recruitment:accept", RECRUITMENT, "Take the place that was offered."),
    "decline": ("cli.recruitment:decline", RECRUITMENT, "Do not take the place."),
    "sign": (
        "cli.recruitment:sign",
        RECRUITMENT,
        "Sign the commitments, or decline them.",
    ),
    "sessions": ("cli.session_list:sessions", SESSIONS, "List sessions."),
    "confirm": ("cli.sessions:confirm", SESSIONS, "Say that somebody will be there."),
    "record": ("cli.sessions:record", SESSIONS, "Say how a session went."),
    "move": ("cli.sessions:move", SESSIONS, "Put a session on another day or time."),
    "catch-up": ("cli.sessions:catch_up", SESSIONS, "Add a session for a missed one."),
    "cancel": ("cli.sessions:cancel", SESSIONS, "Cancel a session."),
    "absence": ("cli.absence:absence", SESSIONS, "Arrange what a coach's absence touches."),
    "pause": ("cli.courses:pause", COURSES, "Let a service, or all, rest."),
    "resume": ("cli.courses:resume", COURSES, "End a pause."),
    "withdraw": ("cli.courses:withdraw", COURSES, "Take a service out of the programme."),
    "undo": ("cli.courses:undo", COURSES, "Take back a withdrawal or a cancellation."),
    "replace": ("cli.replacing:replace", COURSES, "Give a service or a sponsor another coach."),
    "successor": ("cli.merging:successor", COURSES, "Say who follows an executive sponsor."),
    "promise": ("cli.chases:promise", COURSES, "Promise to have something done by a day."),
    "waive": ("cli.chases:waive", COURSES, "Let something go that was still to be done."),
    "done": ("cli.chases:done", COURSES, "Say that something has been done."),
    "operations": ("cli.operations:list_operations", COURSES, "List acts on many, or go on."),
    "services": ("cli.services:services", LOOKING, "List services, those that need a look first."),
    "show": ("cli.services:show", LOOKING, "Show all about one service."),
    "chases": ("cli.chases:chases", LOOKING, "List what is still to be done, the stuck first."),
    "successions": (
        "cli.succession_list:successions",
        LOOKING,
        "List successors, vacant posts and mergers.",
    ),
    "report": ("cli.report:report", LOOKING, "Report in numbers, as known at an instant."),
    "why": ("cli.why:why", LOOKING, "Tell why something did or did not happen."),
    "ledger": ("cli.ledger:ledger", MESSAGES, "Account for every message."),
    "audit": ("cli.audit:audit", ROOM, "Check that nothing has been forgotten."),
    "doctor": ("cli.doctor:doctor", ROOM, "Check that every part of the installation works."),
    "restore": ("cli.restore:restore", ROOM, "Deal with a database that is an older copy."),
    "sample": ("cli.demo:sample", ROOM, "Write the fictional sample programme."),
    "demo": ("cli.demo:demo", ROOM, "Play the sample programme on a fast clock."),
    "rehearse": ("cli.rehearse:rehearse", ROOM, "Play a whole edition on skipped time."),
    "up": ("cli.demo:up", ROOM, "Run a programme on the real clock."),
    "version": ("cli.version:version", ROOM, "Tell which version of what is installed."),
}

FAMILIES: dict[str, tuple[Group, str, dict[str, tuple[str, str]]]] = {
    "edition": (
        RECRUITMENT,
        "Editions: one run of the programme each.",
        {
            "check": ("cli.edition:check", "Name every fault of an edition file."),
            "open": ("cli.edition:open_edition", "Start an edition."),
            "change": ("cli.edition:change", "Let an edition go on under another version."),
            "show": ("cli.edition:show", "Show where an edition stands."),
            "end": ("cli.edition:end", "End an edition before its time."),
        },
    ),
    "offer": (
        RECRUITMENT,
        "Offers of a place that have expired.",
        {
            "extend": ("cli.recruitment:extend", "Let an offer stand for another while."),
            "lapse": ("cli.recruitment:lapse", "Let an offer go, so that the next one gets it."),
        },
    ),
    "onboard": (
        RECRUITMENT,
        "What is settled before the first session.",
        {
            "team": ("cli.onboard:team", "Name the project team."),
            "partner": ("cli.onboard:partner", "Name a lived-experience partner, or seek one."),
            "coach": ("cli.onboard:coach", "Assign a delivery coach."),
            "slot": ("cli.onboard:slot", "Choose the weekly slot."),
            "event": ("cli.onboard:event", "Date the improvement event."),
            "sponsor-session": ("cli.onboard:sponsor_session", "Set the sponsor's first session."),
        },
    ),
    "bulk": (
        COURSES,
        "One act on many services; shown first, and done with --apply.",
        {
            "pause": ("cli.bulk:pause", "Let many services rest."),
            "resume": ("cli.bulk:resume", "End the pauses of many services."),
            "move": ("cli.bulk:move", "Move the sessions of a day to another day."),
            "replace": ("cli.bulk:replace", "Give a coach's services to others."),
        },
    ),
    "merge": (
        COURSES,
        "Organisations, services and second interests that become one.",
        {
            "organisation": ("cli.merging:organisation", "Let an organisation go on as another."),
            "service": ("cli.merging:service", "Let two services of one organisation become one."),
            "interest": ("cli.merging:interest", "Merge a second expression of interest."),
        },
    ),
    "mail": (
        MESSAGES,
        "Mail: whether it leaves, and what it says.",
        {
            "held": ("cli.mail:held", "Let no mail leave."),
            "redirect": ("cli.mail:redirect", "Send all mail to one address."),
            "live": ("cli.mail:live", "Let mail leave for those it is meant for."),
            "list": ("cli.mail:list_mail", "List messages, the latest first."),
            "show": ("cli.mail:show", "Show one message as it was, or would be, sent."),
            "preview": ("cli.mail:preview", "Show the text of a kind of message."),
        },
    ),
    "database": (
        ROOM,
        "The database's schema.",
        {
            "upgrade": ("cli.database:upgrade", "Prepare the database, or bring it up to date."),
            "check": ("cli.database:check", "Tell how the database differs from this version."),
        },
    ),
}


def build_app(named: Collection[str] = ()) -> App:
    """Return the command with all its sub-commands; none of their files is imported yet.

    A list of commands says of each what stands above; one that is ``named`` speaks for itself.
    """
    app = App(
        name="drumbeat",
        help="Keeps the drumbeat of a coaching programme.",
        help_format="plaintext",
        help_flags=["--help"],
        version_flags=[],
        default_parameter=Parameter(negative=(), show_default=False),
        group_commands=EVERYWHERE,
        result_action="return_value",
    )
    for name, (path, group, said) in COMMANDS.items():
        app.command(path, name=name, group=group, help=None if name in named else said)
    for family, (group, about, commands) in FAMILIES.items():
        branch = App(name=family, help=about, group=group, version_flags=[])
        for name, (path, said) in commands.items():
            branch.command(path, name=name, help=None if name in named else said)
        app.command(branch)
    return app


def run(tokens: Sequence[str], desk: Desk) -> int:
    """Run one command and return its exit code; what is expected to go wrong never raises."""
    app = build_app(tokens)

    @app.meta.default
    def launch(
        *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        var: Annotated[Path | None, Parameter(name="--var", metavar="DIR", group="Data")] = None,
    ) -> Any:
        """Run a command in a data folder.

        Args:
            tokens: The command.
            var: Folder of this installation's data, instead of DRUMBEAT_VAR or var/live.

        """
        desk.var = var
        command, bound, ignored = app.parse_args(
            tokens, exit_on_error=False, print_error=False, console=desk.out
        )
        given = dict.fromkeys(ignored, desk)
        return command(*bound.args, **bound.kwargs, **given)

    try:
        code = app.meta(
            tokens,
            exit_on_error=False,
            print_error=False,
            console=desk.out,
            result_action="return_value",
        )
        if inspect.iscoroutine(code):
            from asyncio import run as run_to_end

            code = run_to_end(code)
    except CycloptsError as error:
        desk.complain(_misused(error))
        return ExitCode.USAGE
    except FaultError as fault:
        desk.complain(str(fault))
        return fault.code
    except BrokenPipeError:
        return ExitCode.DONE
    except KeyboardInterrupt:
        return 130
    finally:
        desk.close()
    return ExitCode.DONE if code is None else int(cast(int, code))


def _misused(error: CycloptsError) -> str:
    """Return in a sentence how the command line was misused, and what was probably meant."""
    error.verbose = False
    words = " ".join(error.command_chain or ())
    how = f"drumbeat {words} --help tells what it takes." if words else "drumbeat --help lists all."
    if isinstance(error, UnknownCommandError) and error.unused_tokens and error.app:
        token = error.unused_tokens[0]
        noun = "option" if token.startswith("-") else "command"
        known = [name for name in error.app if not name.startswith("-")]
        near = get_close_matches(token, known, n=1, cutoff=0.5)
        meant = f"did you mean {near[0]}? " if near else ""
        within = f"drumbeat {words} knows" if words else "There is"
        return f"{within} no {noun} {token}: {meant}{how}"
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        return f"drumbeat {words} takes no {' '.join(error.unused_tokens)}: {how}"
    missing = error.argument if isinstance(error, MissingArgumentError) else None
    if missing is not None and missing.name == "--as":
        return f"Say who asks with --as PERSON, such as --as PER-0001: {how}"
    if missing is not None:
        return f"Nothing is said for {missing.name}: {how}"
    if isinstance(error, CoercionError) and error.target_type is int and error.token is not None:
        return f"{error.token.keyword} takes a whole number, not {error.token.value}: {how}"
    return f"{str(error).rstrip('.')}: {how}" if words else str(error)


def main() -> None:
    """Run the command line of this process."""
    code = run(sys.argv[1:], Desk())
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has seen enough, as head does; Python must not try to write the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


if __name__ == "__main__":
    main()
