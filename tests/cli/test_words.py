"""Codes and times in the words of people."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

import pytest

from cli import words
from cli.local_time import (
    LocalTime,
    day_words,
    read_clock_time,
    read_day,
    read_moment,
)
from cli.sentences import minutes
from planning.phrases import TO_DO
from schemas.courses import CommitmentState, PlaceState, Stage
from schemas.messages import MailMode, MessageKind, MessageReason, MessageState
from schemas.obligations import ObligationKind
from schemas.people import Role
from schemas.sessions import SessionReason, SessionState

LONDON = "Europe/London"


@pytest.mark.parametrize(
    ("spoken", "codes"),
    [
        (words.STAGES, Stage),
        (words.SESSION_STATES, SessionState),
        (words.SESSION_REASONS, SessionReason),
        (words.ROLES, Role),
        (words.PLACES, PlaceState),
        (words.COMMITMENTS, CommitmentState),
        (words.MESSAGE_KINDS, MessageKind),
        (words.MESSAGE_STATES, MessageState),
        (words.MESSAGE_REASONS, MessageReason),
        (words.MAIL_MODES, MailMode),
        (TO_DO, ObligationKind),
    ],
)
def test_every_code_has_words(spoken: Mapping[StrEnum, str], codes: type[StrEnum]) -> None:
    assert set(spoken) == set(codes)


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 min"), (60, "1 h"), (55, "55 min"), (90, "1 h 30 min")]
)
def test_a_length_is_told_in_hours_and_minutes(count: int, said: str) -> None:
    assert minutes(count) == said


def test_numbers_and_lists_read_as_sentences_do() -> None:
    assert words.counted(1, "chase") == "1 chase"
    assert words.counted(2, "chase") == "2 chases"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed(["a"]) == "a"
    assert words.plain("too_early") == "too early"
    assert words.attention("something_new") == "something new"


def test_an_instant_is_shown_in_the_zone_on_both_sides_of_a_clock_change() -> None:
    local = LocalTime(LONDON)

    assert local.instant(datetime(2024, 9, 3, 9, tzinfo=UTC)) == "Tue 3 Sep 2024 10:00"
    assert local.instant(datetime(2024, 12, 3, 10, tzinfo=UTC)) == "Tue 3 Dec 2024 10:00"
    assert local.instant(None) == "–"
    assert local.last_day(datetime(2024, 10, 18, 23, tzinfo=UTC)) == "Fri 18 Oct 2024"
    assert day_words(date(2024, 10, 7)) == "Mon 7 Oct 2024"


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2024-09-03 10:00", datetime(2024, 9, 3, 9, tzinfo=UTC)),
        ("2024-12-03T10:00", datetime(2024, 12, 3, 10, tzinfo=UTC)),
        ("2024-09-03T10:00+00:00", datetime(2024, 9, 3, 10, tzinfo=UTC)),
        ("2024-09-03", datetime(2024, 9, 2, 23, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_the_zone_where_it_has_no_offset(
    written: str, instant: datetime
) -> None:
    assert read_moment(written).instant(LONDON) == instant


def test_a_day_ends_at_its_midnight_also_when_it_has_25_hours() -> None:
    day = read_moment("2024-10-27")

    assert day.end(LONDON) - day.instant(LONDON) == timedelta(hours=25)
    moment = read_moment("2024-10-27 12:00")
    assert moment.end(LONDON) == moment.instant(LONDON)


def test_what_is_no_day_or_time_is_told_how_to_write_it() -> None:
    assert read_clock_time("9:05") == time(9, 5)
    for read, written in ((read_day, "3/9/2024"), (read_clock_time, "10.00"), (read_moment, "now")):
        with pytest.raises(ValueError, match="write it as"):
            read(written)
