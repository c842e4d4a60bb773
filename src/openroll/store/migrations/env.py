"""Alembic's entry: run the migrations on the connection that `store.schema` hands over, in the roll's own schema."""

from alembic import context

_connection = context.config.attributes["connection"]
_schema = context.config.attributes["schema"]
context.configure(connection=_connection, version_table="migration", version_table_schema=_schema)
with context.begin_transaction():
    context.run_migrations()
