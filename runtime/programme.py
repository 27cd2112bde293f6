"""The one door in: what people ask of the programme becomes an update of the workflow it is about.

Every method answers when its effect is committed, may be repeated with the same request id, and
refuses what makes no sense with a sentence for the person who asked.
"""

from datetime import datetime, timedelta

from planning.calendar import calendar_of
from runtime.asking import DOWN, Door, EngineDown, Journey, Refused
from runtime.edition_change import proposed
from runtime.merging import course_of_interest, merge_interest
from runtime.opening import open_application, open_edition_course
from schemas import commands, forms
from schemas.edition import Edition
from schemas.forms import Answer
from schemas.ids import edition_course_id, executive_course_id, service_course_id
from storage.confirmations import confirm_participant
from workflows.edition import EditionWorkflow

__all__ = ["DOWN", "EngineDown", "Programme", "Refused"]


class Programme(Door):
    """What a person can ask of the running programme."""

    # -- editions and applications -------------------------------------------------------------

    async def open_edition(self, edition: Edition, form: forms.EditionForm) -> Answer:
        """Keep an edition's file and start its workflow; opening it again finds the running one."""
        at = form.at or self.now()
        new = await self.write(
            lambda rows: open_edition_course(rows, edition, form.actor, at, self.now())
        )
        course_id = edition_course_id(edition.id)
        await self.start(EditionWorkflow.run, course_id, edition.id, "", edition.title)
        runs = (await self.edition(edition.id)).version
        if runs != edition.version:
            raise Refused(
                f"Edition {edition.id} is open in version {runs} and goes on under it. To take "
                f"version {edition.version}: drumbeat edition change FILE."
            )
        opened = "is open" if new else "was open already"
        return Answer(course_id=course_id, text=f"Edition {edition.id} {opened}.")

    async def change_edition(self, edition: Edition, form: forms.EditionForm) -> Answer:
        """Let a running edition go on under another version of its file (M06, E31)."""
        course_id = edition_course_id(edition.id)
        await self.course(course_id)
        said = await self.said(form, course_id)
        named = await self.write(lambda rows: proposed(rows, edition, self.now()))
        said["request_id"] = f"{said['request_id']}/{named}"  # The form does not hold the file.
        command = commands.ChangeEdition(proposal=named, **said)
        return await self.update(EditionWorkflow.change_edition, command)

    async def succeed(self, form: forms.SuccessionForm) -> Answer:
        """Say who or what takes the place of another from a day on (P01-P03)."""
        course_id = edition_course_id(form.edition)
        await self.course(course_id)
        command = commands.Succeed(
            kind=form.kind,
            old=form.old,
            new=form.new or "",
            from_day=form.from_day,
            **await self.said(form, course_id),
        )
        return await self.update(EditionWorkflow.succeed, command)

    async def merge_interest(self, form: forms.MergeInterestForm) -> Answer:
        """Merge a second expression of interest; the first one's time stays (R12)."""
        course_id = await self.read(lambda rows: course_of_interest(rows, form.interest))
        if not course_id:
            raise Refused(f"There is no expression of interest {form.interest}.")
        if form.contacts:
            said = await self.said(form, course_id)
            command = commands.MergeInterest(interest=form.interest, **said)
            return await self.update(Journey.merge_interest, command)
        at = form.at or self.now()
        said_back = await self.write(lambda rows: merge_interest(rows, form, at, self.now()))
        if said_back.refused:
            raise Refused(said_back.refused)
        return Answer(course_id=course_id, text=said_back.text)

    async def apply(self, form: forms.ApplyForm) -> Answer:
        """Take an expression of interest; a second one of a service waits for a merge (R12)."""
        course_id = service_course_id(form.edition, form.service)
        at = form.at or self.now()
        said = await self.write(lambda rows: open_application(rows, form, at, self.now()))
        if said.refused:
            raise Refused(said.refused)
        if said.starts:
            summary = f"Journey of {form.service}"
            await self.start(Journey.run, course_id, form.edition, form.service, summary)
        return Answer(course_id=course_id, text=said.text)

    async def select(self, form: forms.SelectForm) -> Answer:
        """Confirm the order in which places are offered (R07)."""
        course_id = edition_course_id(form.edition)
        command = commands.ConfirmSelection(order=form.order, **await self.said(form, course_id))
        return await self.update(EditionWorkflow.confirm_selection, command)

    async def decide_offer(self, form: forms.OfferForm) -> Answer:
        """Extend an expired offer, or let it lapse (R13)."""
        course_id = edition_course_id(form.edition)
        command = commands.DecideOffer(
            service=form.service, extend=form.extend, **await self.said(form, course_id)
        )
        return await self.update(EditionWorkflow.decide_offer, command)

    async def end_edition(self, form: forms.EditionForm) -> Answer:
        """End an edition before its time."""
        course_id = edition_course_id(form.edition)
        command = commands.EndEdition(**await self.said(form, course_id))
        return await self.update(EditionWorkflow.end_edition, command)

    # -- a service's way to its first session ---------------------------------------------------

    async def accept(self, form: forms.ServiceForm) -> Answer:
        """Take the offered place (R13)."""
        command = commands.AcceptPlace(**await self.of_service(form))
        return await self.update(Journey.accept_place, command)

    async def decline(self, form: forms.ServiceForm) -> Answer:
        """Give the offered place back."""
        command = commands.DeclinePlace(**await self.of_service(form))
        return await self.update(Journey.decline_place, command)

    async def sign(self, form: forms.SignForm) -> Answer:
        """Sign executive commitments, or decline them (R09, R11, R18)."""
        answer = None
        for one in form.commitments or ("",):
            said = await self.of_service(form)
            said["request_id"] = f"{said['request_id']}/{one}" if one else said["request_id"]
            command = commands.DecideCommitment(commitment=one, decision=form.decision, **said)
            answer = await self.update(Journey.decide_commitment, command)
        if answer is None:
            raise Refused("There is nothing to sign.")
        return answer

    async def name_team(self, form: forms.TeamForm) -> Answer:
        """Name the project team (R16)."""
        command = commands.NameTeam(people=form.people, **await self.of_service(form))
        return await self.update(Journey.name_team, command)

    async def seek_partner(self, form: forms.PartnerForm) -> Answer:
        """Name a lived-experience partner, or say that one is sought (R16)."""
        command = commands.SeekPartner(partner=form.partner, **await self.of_service(form))
        return await self.update(Journey.seek_partner, command)

    async def assign_coach(self, form: forms.CoachForm) -> Answer:
        """Assign a delivery coach (R16, C16)."""
        command = commands.AssignCoach(coach=form.coach, **await self.of_service(form))
        return await self.update(Journey.assign_coach, command)

    async def assign_executive_coach(self, form: forms.ExecutiveCoachForm) -> Answer:
        """Let another executive coach lead what is to come of a sponsor's coaching (C15, C16)."""
        course = await self.course(executive_course_id(form.edition, form.sponsor))
        said = await self.said(form, course.id)
        command = commands.AssignExecutiveCoach(coach=form.coach, **said)
        return await self.update_course(course, "assign_executive_coach", command)

    async def choose_slot(self, form: forms.SlotForm) -> Answer:
        """Choose the weekly slot (R16, C15)."""
        command = commands.ChooseSlot(
            weekday=form.weekday, clock_time=form.clock_time, **await self.of_service(form)
        )
        return await self.update(Journey.choose_slot, command)

    async def date_event(self, form: forms.EventForm) -> Answer:
        """Put a full-day event on a day (R16, X12)."""
        command = commands.DateEvent(day=form.day, kind=form.kind, **await self.of_service(form))
        return await self.update(Journey.date_event, command)

    async def set_sponsor_session(self, form: forms.SponsorSessionForm) -> Answer:
        """Set the sponsor's first executive session (R16)."""
        calendar = calendar_of(await self.edition(form.edition))
        command = commands.SetSponsorSession(
            starts_at=calendar.instant(form.day, form.clock_time),
            coach=form.coach,
            **await self.of_service(form),
        )
        return await self.update(Journey.set_sponsor_session, command)

    # -- sessions -------------------------------------------------------------------------------

    async def record(self, form: forms.RecordForm) -> Answer:
        """Say how a session went (X01-X03); executive sessions carry no free text (P07)."""
        course = await self.course_of_session(form.session)
        said = await self.said(form, course.id)
        # What is not said stays out of the history.
        said |= form.model_dump(include={"minutes", "why", "attended"}, exclude_none=True)
        command = commands.RecordSession(session_id=form.session, outcome=form.outcome, **said)
        return await self.update_course(course, "record_session", command)

    async def move(self, form: forms.MoveForm) -> Answer:
        """Put a session on another instant, local time where no offset is said, or elsewhere."""
        course = await self.course_of_session(form.session)
        starts_at = None if form.starts is None else await self.instant(course, form.starts)
        said = await self.said(form, course.id)
        command = commands.MoveSession(
            session_id=form.session,
            starts_at=starts_at,
            why=form.why,
            place_id=await self.kept_place(form.place.strip(), said),
            **said,
        )
        return await self.update_course(course, "move_session", command)

    async def cancel(self, form: forms.CancelForm) -> Answer:
        """Cancel a session."""
        course = await self.course_of_session(form.session)
        command = commands.CancelSession(
            session_id=form.session, why=form.why, **await self.said(form, course.id)
        )
        return await self.update_course(course, "cancel_session", command)

    async def catch_up(self, form: forms.CatchUpForm) -> Answer:
        """Add a session that makes up for a missed one (X02)."""
        course = await self.course_of_session(form.session)
        command = commands.BookCatchUp(
            session_id=form.session,
            starts_at=await self.instant(course, form.starts),
            **await self.said(form, course.id),
        )
        return await self.update_course(course, "book_catch_up", command)

    async def arrange(self, form: forms.ArrangeForm) -> Answer:
        """Cover, move or cancel sessions while a coach is away, or take that back (E01)."""
        course = await self.course(form.course)
        kept = form.model_dump(include={"operation", "coach", "from_day", "until_day", "undoes"})
        command = commands.ArrangeSessions(
            changes=form.changes, **kept, **await self.said(form, course.id)
        )
        return await self.update_course(course, "arrange_sessions", command)

    async def confirm(self, form: forms.ConfirmForm) -> Answer:
        """Note that a participant will be there: no course changes, no workflow is asked (M03)."""
        at = form.at or self.now()
        text = await self.write(lambda rows: confirm_participant(rows, form, at, self.now()))
        if text.refused:
            raise Refused(text.refused)
        return Answer(course_id=text.course_id, text=text.text)

    # -- pauses, leaving, chases ----------------------------------------------------------------

    async def pause(self, form: forms.PauseForm) -> Answer:
        """Pause a service, or a whole edition, until a day or until it is resumed (X07, X08)."""
        course_id = self.service_or_edition(form.edition, form.service)
        until_at = None
        if form.until is not None:
            calendar = calendar_of(await self.edition(form.edition))
            until_at = calendar.instant(form.until + timedelta(days=1), datetime.min.time())
        command = commands.PauseCourse(until_at=until_at, **await self.said(form, course_id))
        return await self.update_course(await self.course(course_id), "pause_course", command)

    async def resume(self, form: forms.ResumeForm) -> Answer:
        """Resume a service or an edition (X09)."""
        course_id = self.service_or_edition(form.edition, form.service)
        command = commands.ResumeCourse(**await self.said(form, course_id))
        return await self.update_course(await self.course(course_id), "resume_course", command)

    async def withdraw(self, form: forms.ServiceForm) -> Answer:
        """Let a service leave; it can be undone for a while (R13)."""
        command = commands.Withdraw(**await self.of_service(form))
        return await self.update(Journey.withdraw, command)

    async def undo(self, form: forms.UndoForm) -> Answer:
        """Take back a withdrawal, a cancellation, or a succession before its day (E40, P01)."""
        if form.succession is not None and form.edition is not None:
            said = await self.said(form, edition_course_id(form.edition))
            back = commands.TakeBackSuccession(succession=form.succession, **said)
            return await self.update(EditionWorkflow.take_back_succession, back)
        if form.session is not None:
            course = await self.course_of_session(form.session)
        elif form.edition is not None and form.service is not None:
            course = await self.course(service_course_id(form.edition, form.service))
        else:
            raise Refused("Say what to undo: a service, a session, or a succession.")
        said = await self.said(form, course.id)
        command = commands.Undo(session_id=form.session or "", **said)
        return await self.update_course(course, "undo", command)

    async def promise(self, form: forms.PromiseForm) -> Answer:
        """Promise to have an obligation done by the end of a day (X04)."""
        course = await self.course_of_obligation(form.obligation)
        command = commands.PromiseObligation(
            obligation_id=form.obligation, until_day=form.until, **await self.said(form, course.id)
        )
        return await self.update_course(course, "promise_obligation", command)

    async def close_obligation(self, form: forms.CloseForm) -> Answer:
        """Say that an obligation is done, or waive it (X04)."""
        course = await self.course_of_obligation(form.obligation)
        command = commands.CloseObligation(
            obligation_id=form.obligation, waived=form.waived, **await self.said(form, course.id)
        )
        return await self.update_course(course, "close_obligation", command)
