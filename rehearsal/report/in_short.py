"""A report in short: a sentence for each question that a coordinator asks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rehearsal.report.chases import Chase
from rehearsal.report.foreseen import Foreseen
from rehearsal.report.load import Clash, PersonLoad, is_coach
from rehearsal.report.mail import RoleMail
from rehearsal.report.places import PlaceDay
from rehearsal.report.wording import counted, day_words, listed, number, plain, to_do, with_article

BY_RULE = {
    "C14": (
        "pair of sessions nearer than the edition likes",
        "pairs of sessions nearer than the edition likes",
    ),
    "C15": (
        "time that somebody is wanted in two places",
        "times that somebody is wanted in two places",
    ),
    "C16": ("coach with more than the usual caseload", "coaches with more than the usual caseload"),
}


def about_places(places: int, days: Sequence[PlaceDay]) -> str:
    """Tell whether the places were filled."""
    if not days:
        return f"No place was offered; there are {number(places)}."
    most, last = max(one.taken for one in days), days[-1]
    said = f"{number(most)} of {counted(places, 'place')} were taken at once at the most"
    if last.taken == most:
        return f"{said}, and still at the end."
    return f"{said}, and {number(last.taken)} at the end."


def about_load(found: Iterable[PersonLoad]) -> str:
    """Tell whose weeks are the fullest."""
    coaches = [one for one in found if is_coach(one.roles)]
    most = max((one.most_hours for one in coaches), default=0.0)
    if not most:
        return "No coach has a session."
    weeks: dict[str, list[str]] = defaultdict(list)
    for one in coaches:
        if one.most_hours == most:
            weeks[day_words(one.busiest)].append(one.person_id)
    who = "; ".join(f"{listed(people)} in the week of {week}" for week, people in weeks.items())
    return f"The fullest week of a coach holds {counted(most, 'hour')} of sessions: {who}."


def about_clashes(found: Sequence[Clash]) -> str:
    """Tell who is wanted in two places, and what is beyond what the edition likes."""
    if not found:
        return "Nobody is wanted in two places, and nothing is beyond what the edition likes."
    parts = []
    for rule, (one, many) in BY_RULE.items():
        theirs = [clash for clash in found if clash.rule == rule]
        if theirs:
            people = listed(sorted({clash.person_id for clash in theirs}))
            parts.append(f"{counted(len(theirs), one, many)} ({people})")
    return f"{counted(len(found), 'clash', 'clashes')}: {'; '.join(parts)}."


def about_mail(found: Iterable[RoleMail]) -> str:
    """Tell who is mailed most."""
    roles = [one for one in found if one.most]
    if not roles:
        return "No mail left."
    worst = max(roles, key=lambda one: one.most)
    often = max(roles, key=lambda one: one.average)
    return (
        f"Nobody got more than {counted(worst.most, 'mail')} in a week, which"
        f" {listed(worst.most_people)} ({plain(worst.role)}) got in the week of"
        f" {day_words(worst.most_week)}. Most often mailed over the whole time:"
        f" {with_article(plain(often.role))}, {counted(often.average, 'mail')} a week."
    )


def about_chases(found: Sequence[Chase]) -> str:
    """Tell what became of those who did nothing."""
    if not found:
        return "Nothing was chased."
    asked = sum(bool(one.steps) for one in found)
    told = sum(one.passed_on for one in found)
    said = (
        f"Of {counted(len(found), 'thing')} to do {number(len(found) - asked)} needed no asking;"
        f" for {number(asked)} somebody was asked, for {number(told)} of these somebody else was"
        f" told as well"
    )
    stuck: dict[str, list[str]] = defaultdict(list)
    for one in found:
        if one.stuck:
            stuck[to_do(one.kind)].append(one.about)
    if not stuck:
        return f"{said}, and none got stuck."
    count = sum(len(whose) for whose in stuck.values())
    what = "; ".join(f"{kind} ({listed(whose)})" for kind, whose in stuck.items())
    return f"{said}, and {count} got stuck for a person to decide: {what}."


def about_forecast(found: Foreseen) -> str:
    """Tell whether the forecast held."""
    looks = found.looks
    if len(looks) < 2:
        return "There is no forecast to compare with yet."
    first, last = looks[0], looks[-1]
    at_risk = [one.service_id for one in found.wards if one.at_risk_from is not None]
    risk = f"at risk at some time: {listed(at_risk)}" if at_risk else "no service was at risk"
    return (
        f"On {day_words(first.day)} {counted(first.possible, 'weekly session')} were possible for"
        f" {counted(first.services, 'service')}; by {day_words(last.day)} {number(last.held)} were"
        f" held for the {number(last.services)} still in it; {risk}."
    )
