"""What recording a plan costs without what this program adds: the yardstick of `store_speed.py`.

Four statements of the driver and a transaction around them, on four tables without triggers: the
key of the request first, the version of the case, a schedule of 36 rows in plain text, a line of
audit. Nothing is sealed, no right is asked, and the server looks at no body. Of that shape is the
trial that the limit of the design comes from; it took 2,026 plans a second on its machine.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from functools import partial

import psycopg

OF_TRIAL = 2_026
"""Plans a second of the trial, 50 connections, SERIALIZABLE."""

TABLES = """
    create table bare_request (key text primary key, sha256 text not null);
    create table bare_case (case_id text primary key, version integer not null);
    create table bare_plan (plan_id uuid primary key, case_id text not null,
        version integer not null, body text not null, unique (case_id, version));
    create table bare_event (event_id uuid primary key, case_id text not null, body text not null);
    grant select, insert, update on bare_request, bare_case, bare_plan, bare_event to public;
"""

_ROWS = [
    {
        "number": number,
        "due": f"{2027 + number // 12}-{number % 12 + 1:02}-15",
        "payment": "812.33",
        "principal": "700.11",
        "interest": "112.22",
        "balance": f"{36 - number}000.00",
    }
    for number in range(36)
]


class BarePlans:
    """Plans of one person, each on a case of its own."""

    def __init__(self, url: str, name: str, count: int) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        self.tries_repeated = 0
        cases = [f"{name}-{number}" for number in range(count)]
        with self._connection.cursor() as cursor:
            cursor.executemany("insert into bare_case values (%s, 0)", [(case,) for case in cases])
        self.acts: list[Callable[[], None]] = [partial(self._record, case) for case in cases]

    def _record(self, case: str) -> None:
        body = json.dumps({"case_id": case, "rows": _ROWS})
        sha256 = hashlib.sha256(body.encode()).hexdigest()
        while True:
            try:
                self._once(case, body, sha256)
            except psycopg.errors.SerializationFailure:
                self.tries_repeated += 1
            else:
                return

    def _once(self, case: str, body: str, sha256: str) -> None:
        run = self._connection.execute
        with self._connection.transaction():
            run(
                "insert into bare_request values (%s, %s) on conflict do nothing",
                [f"plan {case}", sha256],
            )
            run("update bare_case set version = 1 where case_id = %s and version = 0", [case])
            plan = uuid.uuid4()
            run("insert into bare_plan values (%s, %s, 1, %s)", [plan, case, body])
            said = json.dumps({"plan": str(plan), "sha256": sha256})
            run("insert into bare_event values (%s, %s, %s)", [uuid.uuid4(), case, said])

    def close(self) -> None:
        """Leave the server."""
        self._connection.close()
