"""Writing commands: each fills one form and hands it in at the programme's door."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from cli.faults import ExitCode
from schemas.courses import CommitmentState
from schemas.forms import (
    ApplyForm,
    CancelForm,
    CatchUpForm,
    CloseForm,
    CoachForm,
    ConfirmForm,
    EditionForm,
    EventForm,
    ExecutiveCoachForm,
    MoveForm,
    OfferForm,
    PartnerForm,
    PauseForm,
    PromiseForm,
    RecordForm,
    ResumeForm,
    SelectForm,
    ServiceForm,
    SignForm,
    SlotForm,
    SponsorSessionForm,
    TeamForm,
    UndoForm,
)
from schemas.sessions import SessionReason, SessionState
from tests.cli.fake_programme import FakeProgramme
from tests.cli.printing import Drumbeat
from tests.cli.scene import COACH, COORDINATOR, EDITION, EXECUTIVE_COACH, LEAD, PARTNER, SPONSOR

BY: dict[str, Any] = {"actor": COORDINATOR}
ALDER: dict[str, Any] = {**BY, "edition": EDITION, "service": "SVC-16"}
SESSION = f"{EDITION}/SVC-16/delivery/5"
CHASE = f"{EDITION}/SVC-21/commitments/1"

ACTS = {
    "apply SVC-41 --sponsor PER-0004 --lead PER-0005 --submitted-at 2024-06-14T23:59:30": (
        "apply",
        ApplyForm(
            **BY,
            interest_id="EOI-SVC-41",
            edition=EDITION,
            service="SVC-41",
            sponsor=SPONSOR,
            lead=LEAD,
            submitted_at=datetime(2024, 6, 14, 22, 59, 30, tzinfo=UTC),
        ),
    ),
    "select": ("select", SelectForm(**BY, edition=EDITION)),
    "select svc-41 SVC-40 --reason panel": (
        "select",
        SelectForm(**BY, edition=EDITION, order=("SVC-41", "SVC-40"), reason="panel"),
    ),
    "accept SVC-16": ("accept", ServiceForm(**ALDER)),
    "accept svc-16 --edition wider": ("accept", ServiceForm(**ALDER)),
    "accept service/wider/SVC-16": ("accept", ServiceForm(**ALDER)),
    "decline wider/SVC-16": ("decline", ServiceForm(**ALDER)),
    "sign SVC-16": ("sign", SignForm(**ALDER)),
    "sign SVC-16 involvement --decline": (
        "sign",
        SignForm(**ALDER, commitments=("involvement",), decision=CommitmentState.DECLINED),
    ),
    "offer extend SVC-16": ("decide_offer", OfferForm(**ALDER, extend=True)),
    "offer lapse SVC-16": ("decide_offer", OfferForm(**ALDER, extend=False)),
    "onboard team SVC-16 PER-0005 PER-0006": (
        "name_team",
        TeamForm(**ALDER, people=(LEAD, PARTNER)),
    ),
    "onboard partner SVC-16": ("seek_partner", PartnerForm(**ALDER)),
    "onboard partner SVC-16 PER-0006": ("seek_partner", PartnerForm(**ALDER, partner=PARTNER)),
    "onboard coach SVC-16 per-0002": ("assign_coach", CoachForm(**ALDER, coach=COACH)),
    "replace SVC-16 --with per-0002": ("assign_coach", CoachForm(**ALDER, coach=COACH)),
    "replace per-0004 --with PER-0003 --reason left_post": (
        "assign_executive_coach",
        ExecutiveCoachForm(
            **BY, edition=EDITION, sponsor=SPONSOR, coach=EXECUTIVE_COACH, reason="left_post"
        ),
    ),
    "onboard slot SVC-16 wednesday 13:30": (
        "choose_slot",
        SlotForm(**ALDER, weekday=2, clock_time=time(13, 30)),
    ),
    "onboard event SVC-16 2024-11-06": ("date_event", EventForm(**ALDER, day=date(2024, 11, 6))),
    "onboard sponsor-session SVC-16 2024-09-19 10:00 --coach PER-0003": (
        "set_sponsor_session",
        SponsorSessionForm(
            **ALDER, day=date(2024, 9, 19), clock_time=time(10), coach=EXECUTIVE_COACH
        ),
    ),
    f"confirm {SESSION} --for PER-0005": (
        "confirm",
        ConfirmForm(**BY, session=SESSION, person=LEAD),
    ),
    f"record {SESSION} held --minutes 55 --attended PER-0005 --attended PER-0002": (
        "record",
        RecordForm(
            **BY, session=SESSION, outcome=SessionState.HELD, minutes=55, attended=(LEAD, COACH)
        ),
    ),
    "record SVC-16/delivery/5 missed --reason staffing": (
        "record",
        RecordForm(
            **BY,
            session=SESSION,
            outcome=SessionState.MISSED,
            reason="staffing",
            why=SessionReason.STAFFING,
        ),
    ),
    f"move {SESSION} 2024-10-16T14:00 --reason clash": (
        "move",
        MoveForm(
            **BY,
            session=SESSION,
            starts=datetime(2024, 10, 16, 14),  # noqa: DTZ001 - local time of the edition's zone
            reason="clash",
            why=SessionReason.CLASH,
        ),
    ),
    f"catch-up {SESSION} 2024-10-17T14:00+01:00": (
        "catch_up",
        CatchUpForm(**BY, session=SESSION, starts=datetime(2024, 10, 17, 13, tzinfo=UTC)),
    ),
    f"cancel {SESSION}": ("cancel", CancelForm(**BY, session=SESSION)),
    "pause SVC-16 --until 2024-11-01": ("pause", PauseForm(**ALDER, until=date(2024, 11, 1))),
    "pause --all": ("pause", PauseForm(**BY, edition=EDITION)),
    "resume SVC-16": ("resume", ResumeForm(**ALDER)),
    "withdraw SVC-16": ("withdraw", ServiceForm(**ALDER)),
    "undo SVC-42": ("undo", UndoForm(**{**ALDER, "service": "SVC-42"})),
    f"undo {SESSION}": ("undo", UndoForm(**BY, session=SESSION)),
    f"promise {CHASE} --until 2024-10-18": (
        "promise",
        PromiseForm(**BY, obligation=CHASE, until=date(2024, 10, 18)),
    ),
    f"waive {CHASE}": ("close_obligation", CloseForm(**BY, obligation=CHASE, waived=True)),
    f"done {CHASE}": ("close_obligation", CloseForm(**BY, obligation=CHASE)),
    "edition end": ("end_edition", EditionForm(**BY, edition=EDITION)),
}


@pytest.mark.parametrize("written", ACTS)
def test_a_command_hands_in_what_was_written(
    drumbeat: Drumbeat, programme: FakeProgramme, written: str
) -> None:
    printed = drumbeat(*written.split(), "--as", COORDINATOR)

    assert (printed.code, printed.errors) == (ExitCode.DONE, "")
    assert programme.asked == [ACTS[written]]
    assert printed.out.startswith(f"Asked: {ACTS[written][0]}.\n")


def test_an_act_says_who_when_why_and_under_what_name(
    drumbeat: Drumbeat, programme: FakeProgramme
) -> None:
    """R18: somebody records on behalf of another, with a reason code and a note."""
    drumbeat(
        *("sign", "SVC-16", "--as", COORDINATOR, "--reason", "by_phone"),
        *("--note", "Rang at nine.", "--at", "2024-10-27 09:00", "--request-id", "call-7"),
    )

    (_, form) = programme.asked[0]
    assert isinstance(form, SignForm)
    assert (form.actor, form.reason, form.note) == (COORDINATOR, "by_phone", "Rang at nine.")
    assert form.at == datetime(2024, 10, 27, 9, tzinfo=UTC)  # the clocks went back that night
    assert form.request_id == "call-7"


def test_an_answer_names_what_is_to_be_done_next_with_ids_that_commands_take(
    drumbeat: Drumbeat, programme: FakeProgramme
) -> None:
    printed = drumbeat("accept", "SVC-16", "--as", COORDINATOR)

    (_, stuck, record) = printed.out.splitlines()
    assert stuck == "Next: agree another time for a session: wider/SVC-16/catch_up/1"
    assert record == "Next: say how a session went: wider/SVC-16/session_record/1"
    assert drumbeat("done", stuck.split()[-1], "--as", COORDINATOR).code == ExitCode.DONE
    assert [name for name, _ in programme.asked] == ["accept", "close_obligation"]


def test_a_reason_of_a_session_is_one_of_the_codes(
    drumbeat: Drumbeat, programme: FakeProgramme
) -> None:
    printed = drumbeat("cancel", SESSION, "--as", COORDINATOR, "--reason", "snow")

    assert printed.code == ExitCode.USAGE
    assert "staffing, acuity" in printed.errors
    assert programme.asked == []
