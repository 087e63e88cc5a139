"""The record in a database: SQLAlchemy Core on SQLite or PostgreSQL, opened with `open_store`."""

from plan_assistant.adapters.store.opening import open_store

__all__ = ["open_store"]
