"""The account of the ledger as a rehearsal and the demo print it."""

import pytest

from rehearsal.ledger_words import account
from schemas.ledger import LedgerReport

ENDED = {"bundled": 20, "accepted": 1200, "too_late": 20}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"planned": 1241, "open": 1},
            "1,241 planned = 1 open + 1,240 ended (1,200 accepted, 20 bundled, 20 too late); "
            "every one is accounted for; 0 unexplained, 0 duplicates",
        ),
        ({"planned": 1242, "open": 1}, "THE LEDGER DOES NOT ADD UP; 0 unexplained"),
        (
            {"planned": 1241, "open": 1, "unexplained": 1},
            "NOT EVERY ONE IS ACCOUNTED FOR; 1 unexplained, 0 duplicates",
        ),
        (
            {"planned": 1240, "duplicates": 2},
            "NOT EVERY ONE IS ACCOUNTED FOR; 0 unexplained, 2 duplicates",
        ),
    ],
)
def test_the_account_says_whether_every_message_is_accounted_for(
    facts: dict[str, int], words: str
) -> None:
    """M13: planned = open + ended, nothing unexplained, nothing twice."""
    assert words in account(LedgerReport.model_validate({"ended": ENDED, **facts}))
