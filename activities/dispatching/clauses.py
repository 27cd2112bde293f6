"""Codes as clauses of a mail: what follows "because", kind and without blame (X02)."""

CLAUSES = {
    # Why a session was moved, missed or cancelled
    "staffing": "the ward needs its people elsewhere",
    "acuity": "the ward has to be with the people in its care",
    "annual_leave": "people are on leave",
    "coach_unavailable": "the coach cannot be there",
    "executive_unavailable": "the executive cannot be there",
    "technical": "something technical does not work",
    "clash": "it clashes with something else",
    "no_week_left": "there is no week left for it",
    "paused": "the coaching is paused",
    "withdrawn": "the service is leaving the programme",
    "sponsor_changed": "the executive sponsor changes",
    "merged": "the service becomes one with another",
    # Why a service cannot take a place
    "too_early": "interest was not open yet when yours came in",
    "after_deadline": "interest had closed when yours came in",
    "service_type": "it is made for other types of service",
    "not_for_detained_people": "it is about the care of people detained under the Act",
    "provider_kind": "it is for services of other kinds of provider",
    "provider_not_yet": "it is not open to your kind of provider yet",
    "took_part_before": "the service has taken part in an earlier edition",
}


def clause(code: object) -> str | None:
    """Return a code as a clause; none for one that says nothing to its reader."""
    return CLAUSES.get(str(code))
