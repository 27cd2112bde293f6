"""Acts: one thing that one person does, and how it is asked at the programme's door."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid5

from rehearsal.script import Verb
from schemas import forms
from schemas.courses import CommitmentState
from schemas.forms import Answer
from schemas.sessions import SessionReason, SessionState

ACTS = uuid5(NAMESPACE_URL, "https://drumbeat.example/acts")


@dataclass(frozen=True)
class Act:
    """One thing that one person does at a programme time.

    Attributes:
        name: What makes the act itself: repeat it under this name and nothing happens twice.
        course: Id of the course it is done to; acts on one course are done in order.
        target: Service, session or obligation, as the verb needs it.
        details: What else the verb needs.

    """

    name: str
    at: datetime
    actor: str
    verb: Verb
    course: str
    target: str
    details: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def request_id(self) -> str:
        """The same for every repetition of the act, by whatever process."""
        return str(uuid5(ACTS, self.name))


class Door(Protocol):
    """What scripted people ask of the programme; ``runtime.programme.Programme`` is one."""

    async def apply(self, form: forms.ApplyForm) -> Answer: ...
    async def select(self, form: forms.SelectForm) -> Answer: ...
    async def decide_offer(self, form: forms.OfferForm) -> Answer: ...
    async def accept(self, form: forms.ServiceForm) -> Answer: ...
    async def decline(self, form: forms.ServiceForm) -> Answer: ...
    async def sign(self, form: forms.SignForm) -> Answer: ...
    async def name_team(self, form: forms.TeamForm) -> Answer: ...
    async def seek_partner(self, form: forms.PartnerForm) -> Answer: ...
    async def assign_coach(self, form: forms.CoachForm) -> Answer: ...
    async def choose_slot(self, form: forms.SlotForm) -> Answer: ...
    async def date_event(self, form: forms.EventForm) -> Answer: ...
    async def set_sponsor_session(self, form: forms.SponsorSessionForm) -> Answer: ...
    async def record(self, form: forms.RecordForm) -> Answer: ...
    async def confirm(self, form: forms.ConfirmForm) -> Answer: ...
    async def move(self, form: forms.MoveForm) -> Answer: ...
    async def cancel(self, form: forms.CancelForm) -> Answer: ...
    async def catch_up(self, form: forms.CatchUpForm) -> Answer: ...
    async def pause(self, form: forms.PauseForm) -> Answer: ...
    async def resume(self, form: forms.ResumeForm) -> Answer: ...
    async def withdraw(self, form: forms.ServiceForm) -> Answer: ...
    async def undo(self, form: forms.UndoForm) -> Answer: ...
    async def promise(self, form: forms.PromiseForm) -> Answer: ...
    async def close_obligation(self, form: forms.CloseForm) -> Answer: ...


async def ask(door: Door, act: Act, edition: str) -> Answer:
    """Ask for an act at the door, under its own name and from its own time on."""
    method, form, fields = _WAYS[act.verb]
    said: dict[str, Any] = {
        "actor": act.actor,
        "at": act.at,
        "reason": act.reason,
        "request_id": act.request_id,
        **fields(act, edition),
    }
    asked: Callable[[Any], Awaitable[Answer]] = getattr(door, method)
    return await asked(form.model_validate(said))


Fields = Callable[[Act, str], dict[str, Any]]


def _edition(_act: Act, edition: str) -> dict[str, Any]:
    return {"edition": edition}


def _service(act: Act, edition: str) -> dict[str, Any]:
    return {"edition": edition, "service": act.target}


def _apply(act: Act, edition: str) -> dict[str, Any]:
    return {
        **_service(act, edition),
        "submitted_at": act.at,
        "interest_id": act.details["interest"],
        "sponsor": act.details["sponsor"],
        "lead": act.details["lead"],
        "earlier_interest": act.details["earlier_interest"] == "yes",
    }


def _offer(act: Act, edition: str) -> dict[str, Any]:
    return {**_service(act, edition), "extend": act.verb is Verb.EXTEND}


def _sign(act: Act, edition: str) -> dict[str, Any]:
    named = [one.strip() for one in act.details.get("commitments", "").split(",") if one.strip()]
    refuses = act.verb is Verb.REFUSE
    decision = CommitmentState.DECLINED if refuses else CommitmentState.SIGNED
    return {**_service(act, edition), "commitments": tuple(named), "decision": decision}


def _partner(act: Act, edition: str) -> dict[str, Any]:
    return {**_service(act, edition), "partner": act.details.get("partner", "")}


def _coach(act: Act, edition: str) -> dict[str, Any]:
    return {**_service(act, edition), "coach": act.details["coach"]}


def _slot(act: Act, edition: str) -> dict[str, Any]:
    starts = time.fromisoformat(act.details["starts"])
    return {
        **_service(act, edition),
        "weekday": int(act.details["weekday"]),
        "clock_time": starts,
    }


def _event(act: Act, edition: str) -> dict[str, Any]:
    return {**_service(act, edition), "day": date.fromisoformat(act.details["day"])}


def _sponsor_session(act: Act, edition: str) -> dict[str, Any]:
    return {
        **_coach(act, edition),
        **_event(act, edition),
        "clock_time": time.fromisoformat(act.details["starts"]),
    }


def _why(act: Act) -> SessionReason | None:
    why = act.details.get("why")
    return SessionReason(why) if why else None


def _record(act: Act, _edition: str) -> dict[str, Any]:
    attended = act.details.get("attended")
    return {
        "session": act.target,
        "outcome": SessionState(act.details.get("outcome", SessionState.HELD)),
        "why": _why(act),
        "attended": None if attended is None else tuple(attended.split()),
    }


def _confirm(act: Act, _edition: str) -> dict[str, Any]:
    return {"session": act.target, "person": act.actor}


def _move(act: Act, _edition: str) -> dict[str, Any]:
    starts = datetime.fromisoformat(act.details["starts"])
    return {"session": act.target, "starts": starts, "why": _why(act) or SessionReason.OTHER}


def _cancel(act: Act, _edition: str) -> dict[str, Any]:
    return {"session": act.target, "why": _why(act) or SessionReason.OTHER}


def _catch_up(act: Act, _edition: str) -> dict[str, Any]:
    return {"session": act.target, "starts": datetime.fromisoformat(act.details["starts"])}


def _pause(act: Act, edition: str) -> dict[str, Any]:
    return {"edition": edition, "service": None if act.target == edition else act.target}


def _undo(act: Act, edition: str) -> dict[str, Any]:
    return {"session": act.target} if "/" in act.target else _service(act, edition)


def _promise(act: Act, _edition: str) -> dict[str, Any]:
    return {"obligation": act.target, "until": date.fromisoformat(act.details["until"])}


def _close(act: Act, _edition: str) -> dict[str, Any]:
    return {"obligation": act.target, "waived": act.verb is Verb.WAIVE}


_WAYS: dict[Verb, tuple[str, type[forms.ActForm], Fields]] = {
    Verb.APPLY: ("apply", forms.ApplyForm, _apply),
    Verb.SELECT: ("select", forms.SelectForm, _edition),
    Verb.ACCEPT: ("accept", forms.ServiceForm, _service),
    Verb.DECLINE: ("decline", forms.ServiceForm, _service),
    Verb.EXTEND: ("decide_offer", forms.OfferForm, _offer),
    Verb.LAPSE: ("decide_offer", forms.OfferForm, _offer),
    Verb.SIGN: ("sign", forms.SignForm, _sign),
    Verb.REFUSE: ("sign", forms.SignForm, _sign),
    Verb.TEAM: ("name_team", forms.TeamForm, _service),
    Verb.PARTNER: ("seek_partner", forms.PartnerForm, _partner),
    Verb.COACH: ("assign_coach", forms.CoachForm, _coach),
    Verb.SLOT: ("choose_slot", forms.SlotForm, _slot),
    Verb.EVENT: ("date_event", forms.EventForm, _event),
    Verb.SPONSOR_SESSION: ("set_sponsor_session", forms.SponsorSessionForm, _sponsor_session),
    Verb.RECORD: ("record", forms.RecordForm, _record),
    Verb.CONFIRM: ("confirm", forms.ConfirmForm, _confirm),
    Verb.MOVE: ("move", forms.MoveForm, _move),
    Verb.CANCEL: ("cancel", forms.CancelForm, _cancel),
    Verb.CATCH_UP: ("catch_up", forms.CatchUpForm, _catch_up),
    Verb.PAUSE: ("pause", forms.PauseForm, _pause),
    Verb.RESUME: ("resume", forms.ResumeForm, _pause),
    Verb.WITHDRAW: ("withdraw", forms.ServiceForm, _service),
    Verb.UNDO: ("undo", forms.UndoForm, _undo),
    Verb.PROMISE: ("promise", forms.PromiseForm, _promise),
    Verb.DONE: ("close_obligation", forms.CloseForm, _close),
    Verb.WAIVE: ("close_obligation", forms.CloseForm, _close),
}
"""For each verb the method of the door, its form, and the fields that the form needs besides."""
