"""The two kinds of value that cross a boundary."""

from pydantic import BaseModel, ConfigDict


class Payload(BaseModel):
    """A value written into workflow history or into a stored answer.

    Frozen, and a tolerant reader: an older worker must be able to read a newer payload, so unknown
    fields are dropped. Add fields only with a default; never rename or retype one.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")


class Form(BaseModel):
    """A value that a person, a file or another system sends in.

    A strict reader: an unknown field is refused, so that a mistyped option never passes silently.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Record(BaseModel):
    """What the database says of one thing; change it with ``model_copy`` and save it again."""

    model_config = ConfigDict(frozen=True, from_attributes=True, extra="forbid")
