"""Where a store on PostgreSQL lies: reads the --store option. No password is ever repeated.

Not here: how one is connected to (`postgres_engine.py`).
"""

from __future__ import annotations

import importlib.util
import re
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from plan_assistant.adapters.store.place import is_postgres
from plan_assistant.domain.errors import InputRefused, Problem

_HOST: Final = re.compile(r"[\w.:-]*")
_DRIVER: Final = "postgresql+psycopg"


def require_postgres(url: str | None) -> str:
    """Return the URL of a store on PostgreSQL; raises InputRefused for one in a file."""
    if url is None or not is_postgres(url):
        raise _refused(
            "a store in a file is made and upgraded when it is opened; name one at"
            " postgresql://USER@HOST/DATABASE"
        )
    return url


def postgres_url(url: str) -> URL:
    """Return a URL as the engine takes it; raises InputRefused, and never repeats a password."""
    scheme = url.partition("://")[0]
    if scheme not in {"postgresql", _DRIVER}:
        raise _refused(f"write postgresql://USER@HOST/DATABASE in place of {scheme}://")
    try:
        read = make_url(url)
        port = read.port
        if not _HOST.fullmatch(read.host or ""):
            raise ValueError
    except (ArgumentError, ValueError):
        # The cause quotes the URL, and with it the password; so does a host in which the rest of a
        # password stands.
        raise _refused(
            "this is not a URL; write postgresql://USER@HOST:PORT/DATABASE, with %40 for an @ in a"
            " password"
        ) from None
    if not read.database:
        raise _refused("name the database: postgresql://USER@HOST/DATABASE")
    if port is not None and not 0 < port < 65536:
        raise _refused(f"{port} is not a port; leave it away for 5432")
    if importlib.util.find_spec("psycopg") is None:
        raise _refused(
            "a store on PostgreSQL needs the driver psycopg, which is not installed; install it"
            " with: pip install 'plan-assistant[postgres]'"
        )
    return read.set(drivername=_DRIVER)


def place_of(url: URL) -> str:
    """Return what people call the store: neither user, password nor options."""
    host = url.query.get("host", url.host or "localhost")
    name = host if isinstance(host, str) else ",".join(host)
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{name}{port}/{url.database}"


def _refused(sentence: str) -> InputRefused:
    return InputRefused("--store", [Problem("", sentence)])
