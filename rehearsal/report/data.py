"""The whole report as one value: what the pictures, the JSON and the sheets are made of."""

from datetime import date, datetime

from rehearsal.report.chases import ChaseCount, chase_counts
from rehearsal.report.foreseen import Foreseen, foreseen
from rehearsal.report.load import Clash, PersonLoad, clashes_of, loads
from rehearsal.report.mail import (
    Account,
    MessageCount,
    PersonMail,
    RoleMail,
    account,
    mail_of_people,
    mail_of_roles,
    message_counts,
)
from rehearsal.report.material import Material
from rehearsal.report.places import PlaceDay, places_over_time
from rehearsal.report.programme import WardRow, programme
from rehearsal.report.samples import Sample, samples
from rehearsal.report.wards import WardPage, ward_pages
from schemas.base import Record


class ReportData(Record):
    """A finished programme in numbers; ids and roles stand for people."""

    edition: str
    title: str
    version: int
    at: datetime
    zone: str
    opens: date
    closes: date
    places: int
    account: Account
    programme: tuple[WardRow, ...]
    loads: tuple[PersonLoad, ...]
    clashes: tuple[Clash, ...]
    mail_of_roles: tuple[RoleMail, ...]
    mail_of_people: tuple[PersonMail, ...]
    messages: tuple[MessageCount, ...]
    chases: tuple[ChaseCount, ...]
    places_over_time: tuple[PlaceDay, ...]
    foreseen: Foreseen
    samples: tuple[Sample, ...]
    wards: tuple[WardPage, ...]


def report_data(material: Material) -> ReportData:
    """Return the report of a programme; the same database gives the same report."""
    edition, people = material.edition, loads(material)
    mails = mail_of_people(material)
    return ReportData(
        edition=edition.id,
        title=edition.title,
        version=edition.version,
        at=material.at,
        zone=edition.zone,
        opens=edition.window.opens,
        closes=edition.window.closes,
        places=edition.places,
        account=account(material),
        programme=programme(material),
        loads=people,
        clashes=clashes_of(material, people),
        mail_of_roles=mail_of_roles(mails),
        mail_of_people=mails,
        messages=message_counts(material),
        chases=chase_counts(material),
        places_over_time=places_over_time(material),
        foreseen=foreseen(material),
        samples=samples(material),
        wards=ward_pages(material),
    )
