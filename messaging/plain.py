"""Make any text harmless to lay out: one line, no controls, nothing that turns the direction."""

import re
import unicodedata

SUBJECT_LIMIT = 120

# Controls, surrogates and unassigned never show; of the format characters only the joiners do
# (names in several scripts need them), since the others can reverse or hide what follows.
_UNSEEN = {"Cc", "Cs", "Cn"}
_JOINERS = {"\u200c", "\u200d"}


def one_line(text: str) -> str:
    """Return ``text`` on one line, without controls and with single spaces."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    spaced = re.sub(r"\s+", " ", text)
    return "".join(sign for sign in spaced if _shows(sign)).strip()


def subject_line(text: str) -> str:
    """Return ``text`` on one line of at most 120 characters, cut after a whole word."""
    line = one_line(text)
    if len(line) <= SUBJECT_LIMIT:
        return line
    cut = line[: SUBJECT_LIMIT - 3]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "..."


def _shows(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category not in _UNSEEN and (category != "Cf" or sign in _JOINERS)
