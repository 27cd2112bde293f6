"""Column types that keep their promise on SQLite and PostgreSQL alike."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Dialect, ForeignKey, MetaData, String
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

METADATA: MetaData = SQLModel.metadata


class Instant(TypeDecorator[datetime]):
    """An instant, always UTC: SQLite hands back naive values, and a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any aware instant into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time cannot be stored: {value}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Code(TypeDecorator[StrEnum]):
    """A member of an enumeration, stored as its text so that adding one needs no migration."""

    impl = String(40)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        """Store members of ``words``."""
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        """Refuse what is not a member."""
        return None if value is None else self._word(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Give the member back."""
        return None if value is None else self._word(value)

    def _word(self, value: str) -> StrEnum:
        try:
            return self.words(value)
        except ValueError:  # its text quotes the value, and no error of ours does
            raise ValueError(f"not a word of {self.words.__name__}") from None


def code(words: type[StrEnum], *, nullable: bool = False, index: bool = False) -> Any:
    """Return a column for members of ``words``."""
    return Column(Code(words), nullable=nullable, index=index)


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """Return a column for an instant."""
    return Column(Instant(), nullable=nullable, index=index)


def reference(target: str, *, nullable: bool = False, index: bool = True) -> Any:
    """Return a column that points at ``table.column``."""
    return Column(String(120), ForeignKey(target), nullable=nullable, index=index)


def document(*, nullable: bool = False) -> Any:
    """Return a column for a small JSON document."""
    return Column(JSON(), nullable=nullable)
