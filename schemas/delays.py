"""A delay with its unit: working days, working hours, days, hours, minutes or weeks."""

import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer


class Unit(StrEnum):
    """What a delay counts."""

    WORKING_DAYS = "wd"
    WORKING_HOURS = "wh"
    WEEKS = "w"
    DAYS = "d"
    HOURS = "h"
    MINUTES = "min"


class DelayValue(BaseModel):
    """An amount of time as a person writes it in an edition file, such as ``3wd`` or ``90min``."""

    model_config = ConfigDict(frozen=True)

    amount: int
    unit: Unit

    def __str__(self) -> str:
        """Return the form that an edition file uses."""
        return f"{self.amount}{self.unit}"


def parse_delay(text: Any) -> Any:
    """Read ``3wd``; anything that is not such a text is refused with the units that exist."""
    if not isinstance(text, str):
        return text
    found = re.fullmatch(r"(\d{1,4})(wd|wh|w|d|h|min)", text.strip())
    if found is None:
        units = ", ".join(unit.value for unit in Unit)
        raise ValueError(f"{text!r} is not a delay: write a whole number and one of {units}")
    return {"amount": int(found[1]), "unit": found[2]}


Delay = Annotated[DelayValue, BeforeValidator(parse_delay), PlainSerializer(str)]
"""A :class:`DelayValue` that reads from and writes to its short text."""
