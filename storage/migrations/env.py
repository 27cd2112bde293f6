"""What alembic runs for each command; ``storage.schema`` hands the connection in.

Revisions name plain SQLAlchemy types, so that they still run when our own column types have moved.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator

import storage.tables
from storage.tables.columns import METADATA

for file in iter_modules(storage.tables.__path__):
    import_module(f"storage.tables.{file.name}")


def plain_type(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write a column type of ours, or of SQLModel's, as the plain type that it stands for."""
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    plain = item.impl_instance if hasattr(item, "impl_instance") else item.impl
    return f"sa.{plain!r}"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_item=plain_type,
    render_as_batch=context.config.attributes.get("batch", True),
    transactional_ddl=True,
)
context.run_migrations()
