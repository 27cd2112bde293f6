"""What the demo shows while it plays."""

from collections import Counter
from io import StringIO

from rich.console import Console

from rehearsal.live_view import line, view
from rehearsal.progress import Progress
from tests.planning.builders import at, calendar

PROGRESS = Progress(
    at=at("2024-10-15", "10:30"),
    places=Counter(taken=36, offered=1),
    stages=Counter(coaching=36, waitlisted=16),
    sessions=Counter({("delivery", "held"): 120, ("delivery", "missed"): 14}),
    messages=Counter({("reminder", "accepted"): 300, ("chase", "accepted"): 20}),
    chased=Counter(session_record=5),
    stuck=2,
)


def test_the_view_tells_date_places_sessions_messages_and_chases() -> None:
    paper = StringIO()
    Console(width=120, file=paper).print(view(PROGRESS, calendar(), 0.4))
    words = " ".join(paper.getvalue().replace("│", " ").split())

    assert "Tuesday 15 October 2024, 10:30" in words
    assert "taken 36" in words
    assert "weekly sessions 120 14" in words
    assert "accepted 320" in words
    assert "Being chased (2 stuck)" in words


def test_a_line_for_a_pipe_says_the_same_in_short() -> None:
    assert line(PROGRESS, calendar()) == (
        "Tue 15 Oct 2024  places 36 taken, 1 offered  sessions 120 held, 14 missed"
        "  mails 320  chased 5 (2 stuck)"
    )
