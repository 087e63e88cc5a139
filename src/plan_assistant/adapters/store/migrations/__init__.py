"""Alembic revisions of the store; a released revision is never edited."""
