"""Finds out which revision a store has, and brings a new or older one up to ours.

Alembic is imported only when there is something to do: it costs more than opening the store.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from plan_assistant.adapters.store.failures import damaged
from plan_assistant.adapters.store.schema import APPLICATION_ID, HEAD
from plan_assistant.domain.errors import StoreNewer

MIGRATIONS: Final = Path(__file__).with_name("migrations")
_REVISION: Final = re.compile(r"[0-9]{4}")


def revision_of(connection: Connection, place: str) -> str:
    """Return the revision of a store; raises StoreDamaged for a database that is not ours."""
    if connection.dialect.name == "postgresql":
        return _revision(connection, place)
    application_id = connection.execute(text("PRAGMA application_id")).scalar_one()
    if application_id != APPLICATION_ID:
        raise damaged(place, "a database of another program, or an empty one")
    return _revision(connection, place)


def _revision(connection: Connection, place: str) -> str:
    revision = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    if revision is None or not _REVISION.fullmatch(revision):
        raise damaged(place, "its revision is missing")
    return str(revision)


def refuse_newer(revision: str, place: str) -> None:
    """Raise StoreNewer for a store that a later version of the program has written."""
    if revision > HEAD:
        raise StoreNewer(
            f"{place} was written by a newer version of plan-assistant (revision {revision}, this"
            f" program knows {HEAD}). It was left as it is. Install the newer version, or name"
            " another place with --store.",
            place=place,
            found=revision,
            known=HEAD,
        )


def upgrade(connection: Connection, place: str) -> None:
    """Apply every missing revision in the transaction of that connection."""
    from alembic import command  # noqa: PLC0415  # see the module's docstring
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise damaged(place, str(error)) from error
