"""Acts: one thing that one person does, and how it is asked at the programme's door."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from rehearsal.arranging import Wish, begin_arranged
from rehearsal.edition_changes import changed, changes_of
from rehearsal.script import NOW, YES, Verb
from runtime.bulk import carry_on
from runtime.programme import Programme, Refused
from schemas import forms
from schemas.absences import Away
from schemas.courses import CommitmentState
from schemas.forms import Answer
from schemas.operations import ItemState, Operation, OperationAct, OperationItem
from schemas.sessions import SessionReason, SessionState
from schemas.successions import SuccessionKind
from storage.database import Database

ACTS = uuid5(NAMESPACE_URL, "https://drumbeat.example/acts")


@dataclass(frozen=True)
class Act:
    """One thing that one person does at a programme time.

    Attributes:
        name: What makes the act itself: repeat it under this name and nothing happens twice.
        course: Id of the course it is done to; acts on one course are done in order.
        target: Service, session or obligation, as the verb needs it.
        details: What else the verb needs.
        otherwise: What the person does instead when this is refused.

    """

    name: str
    at: datetime
    actor: str
    verb: Verb
    course: str
    target: str
    details: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    otherwise: "Act | None" = None

    @property
    def request_id(self) -> str:
        """The same for every repetition of the act, by whatever process."""
        return str(uuid5(ACTS, self.name))


async def ask(door: Programme, act: Act, edition: str, database: Database) -> Answer:
    """Ask for an act at the door, under its own name and from its own time on, or from now on.

    What is done to many courses at once is written down as an operation in ``database`` first.

    Raises:
        Refused: The programme refuses it, or part of it.

    """
    if act.verb is Verb.ABSENCE:
        return await _arrange(door, act, edition, database)
    method, form, fields = _WAYS[act.verb]
    said: dict[str, Any] = {
        "actor": act.actor,
        "at": None if act.details.get("at") == NOW else act.at,
        "reason": act.reason,
        "request_id": act.request_id,
        **fields(act, edition),
    }
    asked: Callable[..., Awaitable[Answer]] = getattr(door, method.__name__)
    if act.verb is Verb.EDITION_CHANGE:
        new = changed(await door.edition(edition), changes_of(act.details))
        return await asked(new, form.model_validate(said))
    return await asked(form.model_validate(said))


async def _arrange(door: Programme, act: Act, edition: str, database: Database) -> Answer:
    away = Away(
        person_id=act.target,
        from_day=date.fromisoformat(act.details["from"]),
        until_day=date.fromisoformat(act.details["until"]),
    )
    said = Operation(
        id="",
        edition_id=edition,
        act=OperationAct.ABSENCE,
        scope="",
        actor=act.actor,
        at=act.at,
        recorded_at=door.now(),
        reason=act.reason,
    )
    wish = Wish(act.details.get("cover", "").split(), act.details.get("move") == YES)
    operation = await door.write(
        lambda rows: begin_arranged(rows, away, said, wish, act.request_id)
    )
    heard: list[OperationItem] = []
    await carry_on(door, database, operation, door.now, heard.append)
    refused = [item.answer for item in heard if item.state is not ItemState.DONE]
    if refused:
        raise Refused("; ".join(refused))
    return Answer(course_id=act.course, text="; ".join(item.answer for item in heard))


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


def _succession(act: Act, edition: str) -> dict[str, Any]:
    """Return who or what follows, nobody where no name is said."""
    sponsor = act.verb is Verb.SUCCESSOR
    return {
        "edition": edition,
        "kind": SuccessionKind.SPONSOR if sponsor else SuccessionKind(act.details["kind"]),
        "old": act.target,
        "new": act.details.get("by") or None,
        "from_day": date.fromisoformat(act.details["from"]),
    }


_WAYS: dict[Verb, tuple[Callable[..., Any], type[forms.ActForm], Fields]] = {
    Verb.APPLY: (Programme.apply, forms.ApplyForm, _apply),
    Verb.SELECT: (Programme.select, forms.SelectForm, _edition),
    Verb.ACCEPT: (Programme.accept, forms.ServiceForm, _service),
    Verb.DECLINE: (Programme.decline, forms.ServiceForm, _service),
    Verb.EXTEND: (Programme.decide_offer, forms.OfferForm, _offer),
    Verb.LAPSE: (Programme.decide_offer, forms.OfferForm, _offer),
    Verb.SIGN: (Programme.sign, forms.SignForm, _sign),
    Verb.REFUSE: (Programme.sign, forms.SignForm, _sign),
    Verb.TEAM: (Programme.name_team, forms.TeamForm, _service),
    Verb.PARTNER: (Programme.seek_partner, forms.PartnerForm, _partner),
    Verb.COACH: (Programme.assign_coach, forms.CoachForm, _coach),
    Verb.SLOT: (Programme.choose_slot, forms.SlotForm, _slot),
    Verb.EVENT: (Programme.date_event, forms.EventForm, _event),
    Verb.SPONSOR_SESSION: (
        Programme.set_sponsor_session,
        forms.SponsorSessionForm,
        _sponsor_session,
    ),
    Verb.RECORD: (Programme.record, forms.RecordForm, _record),
    Verb.CONFIRM: (Programme.confirm, forms.ConfirmForm, _confirm),
    Verb.MOVE: (Programme.move, forms.MoveForm, _move),
    Verb.CANCEL: (Programme.cancel, forms.CancelForm, _cancel),
    Verb.CATCH_UP: (Programme.catch_up, forms.CatchUpForm, _catch_up),
    Verb.PAUSE: (Programme.pause, forms.PauseForm, _pause),
    Verb.RESUME: (Programme.resume, forms.ResumeForm, _pause),
    Verb.WITHDRAW: (Programme.withdraw, forms.ServiceForm, _service),
    Verb.UNDO: (Programme.undo, forms.UndoForm, _undo),
    Verb.PROMISE: (Programme.promise, forms.PromiseForm, _promise),
    Verb.DONE: (Programme.close_obligation, forms.CloseForm, _close),
    Verb.WAIVE: (Programme.close_obligation, forms.CloseForm, _close),
    Verb.SUCCESSOR: (Programme.succeed, forms.SuccessionForm, _succession),
    Verb.MERGE: (Programme.succeed, forms.SuccessionForm, _succession),
    Verb.EDITION_CHANGE: (Programme.change_edition, forms.EditionForm, _edition),
}
"""For each verb the method of the door, its form, and the fields that the form needs besides."""
