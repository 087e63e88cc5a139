"""Run by Alembic: applies revisions on the connection that `migrate.py` hands over, in its
transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
