"""Stores as an older version of the program left them, with facts in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import insert

from plan_assistant.adapters.store import migrate
from plan_assistant.adapters.store.engine import WRITES, sqlite_engine
from plan_assistant.adapters.store.schema import account, decision, event, request, submission
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.event_form import moment, payload_hash, recorded
from plan_assistant.domain.events import Account, EventId, EventType, NewEvent
from plan_assistant.domain.formats.canonical import canonical, fingerprint
from tests.people import EVERYBODY


def store_of_0001(
    path: Path, case_id: CaseId, facts: Sequence[tuple[NewEvent, Account]], at: datetime
) -> None:
    """Make a store of revision 0001 with one case, every fact a request of its own."""
    path.touch(mode=0o600)
    engine = sqlite_engine(path, lock_timeout=30, journal="wal")
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(migrate.MIGRATIONS))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for person in EVERYBODY:
            connection.execute(
                insert(account).values(
                    name=person.name, display_name=person.display_name, role=person.role.value
                )
            )
        sent = ""
        for version, (new, actor) in enumerate(facts, start=1):
            fact = recorded(
                new,
                sequence=0,
                event_id=EventId(f"E-{version}"),
                case_id=case_id,
                version=version,
                at=at,
                actor=actor,
            )
            content = fingerprint(new.body)
            connection.execute(
                insert(request).values(
                    key=f"key {version}",
                    payload_sha256=payload_hash(case_id, [(new.type, content)], actor),
                    case_id=case_id,
                    version=version,
                    event_ids=json.dumps([fact.event_id]),
                )
            )
            if new.type is EventType.PLAN_RECORDED:
                sent = actor.name
                connection.execute(
                    insert(submission).values(
                        case_id=case_id,
                        round=1,
                        event_id=fact.event_id,
                        number=new.body["number"],
                        fingerprint=content,
                        maker=actor.name,
                    )
                )
            elif new.type.is_decision:
                connection.execute(
                    insert(decision).values(
                        case_id=case_id,
                        round=1,
                        event_id=fact.event_id,
                        outcome=new.type.value,
                        maker=sent,
                        fingerprint=new.body["fingerprint"],
                        decider=actor.name,
                        decider_role=actor.role.value,
                    )
                )
            connection.execute(
                insert(event).values(
                    event_id=fact.event_id,
                    case_id=case_id,
                    version=version,
                    at=moment(at),
                    actor=actor.name,
                    role=actor.role.value,
                    type=new.type.value,
                    body=canonical(new.body).decode(),
                    sha256=fact.sha256,
                )
            )
    engine.dispose()
