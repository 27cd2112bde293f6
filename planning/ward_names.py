"""When two names are one ward, spelt in two ways (R12)."""

import re
import unicodedata
from difflib import SequenceMatcher

FILLERS = {"the", "ward", "wd", "unit", "inpatient", "service", "hospital", "and"}
ALIKE = 0.87  # one or two letters in a name of ten; "Rowan" and "Rowans", never "Ash" and "Oak"


def same_ward(one: str, other: str) -> bool:
    """Tell whether two names of one organisation's services probably mean one ward.

    A number or a single letter that sets two wards apart ("Oak 1", "Oak 2") is never overlooked.
    """
    first, second = _words(one), _words(other)
    if _marks(first) != _marks(second):
        return False
    left, right = " ".join(first), " ".join(second)
    return left == right or SequenceMatcher(None, left, right).ratio() >= ALIKE


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    return [word for word in words if word not in FILLERS] or words


def _marks(words: list[str]) -> list[str]:
    return sorted(word for word in words if len(word) == 1 or any(map(str.isdigit, word)))
