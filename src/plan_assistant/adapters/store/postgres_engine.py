"""An SQLAlchemy engine over a PostgreSQL database, for one person under their own login.

Not here: which of its connections stay open (`postgres_pool.py`), tables (`schema.py`), what is
written (`postgres_store.py`).
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from plan_assistant.adapters.store.postgres_connection import PatientConnection
from plan_assistant.adapters.store.postgres_pool import PostgresPool

SCHEMA: Final = "plan_assistant"
_CONNECT_TIMEOUT: Final = 10
"""Seconds after which a server that does not answer counts as away."""
_KEEP_MEMORY: Final = "select octet_length(cast(B'0' as bit(8388608)))"
"""Frees a block of 1 MB in the server. On Linux it then keeps up to twice as much for what follows;
else it gives its memory back to the system after each statement and asks for it again in the next,
which took a ninth of what recording a plan costs it."""
_SLACK: Final = 2.0
"""Seconds between a limit and the next: of a row, of a statement, of an answer."""
_LOSSES: Final = {
    # A network that loses everything is noticed by the systems at its ends; a server that stands
    # still is not (`postgres_connection.py`).
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


def postgres_engine(url: URL, *, lock_timeout: float, longest: float = 0) -> Engine:
    """Return an engine whose statements are SERIALIZABLE transactions of their own.

    Whoever stops inside a transaction is cut off by the server after `lock_timeout` seconds, as is
    whoever waits for a row longer than that. A statement takes a little longer at most, or
    `longest` seconds; a server that says nothing for still longer is given up.
    """
    milliseconds = max(1, round(lock_timeout * 1000))
    of_statement = max(lock_timeout, longest) + _SLACK
    settings = {
        "search_path": f"{SCHEMA},pg_temp",
        "default_transaction_isolation": "serializable",
        "lock_timeout": milliseconds,
        "idle_in_transaction_session_timeout": milliseconds,
        "statement_timeout": round(of_statement * 1000),
        # Reading a small table from end to end would lock all of it for a SERIALIZABLE
        # transaction, and everybody's insert would meet everybody else's.
        "enable_seqscan": "off",
        # All look-ups go by an index, whatever is looked up: no plan is made for a value, which the
        # server would do five times for each statement, those inside its triggers included.
        "plan_cache_mode": "force_generic_plan",
        # To a server with a compiler every plan without such readings looks costly enough to be
        # compiled, which takes seventy times as long as the statement.
        "jit": "off",
        "application_name": "plan-assistant",
    }
    options = [f"-c {name}={value}" for name, value in settings.items()]
    given = url.query.get("options", ())
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        # An error's text must not carry what a person said or owes.
        hide_parameters=True,
        poolclass=PostgresPool,
        connect_args={
            "options": " ".join([*([given] if isinstance(given, str) else given), *options]),
            "connect_timeout": _CONNECT_TIMEOUT,
            **_LOSSES,
            # Whatever the server keeps texts in: the driver would take that for ours, too.
            "client_encoding": "utf8",
            # From the second time on the server has read a statement; the driver would wait for
            # the sixth, and few record so many plans a day.
            "prepare_threshold": 1,
        },
    )

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, given: Any, named: Any) -> PatientConnection:
        connection = PatientConnection.connect(*given, **named)
        connection.patience = of_statement + _SLACK
        return connection

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.execute(_KEEP_MEMORY)

    @event.listens_for(engine, "checkout")
    def checked_out(connection: Any, _record: object, _proxy: object) -> None:
        if connection.has_ended:
            raise DisconnectionError

    return engine
