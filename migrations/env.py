"""Runs the migrations on the connection that ``portal.db.migrate`` hands over."""

from alembic import context
from sqlalchemy import Connection

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=context.config.attributes.get("metadata"), compare_type=True)
with context.begin_transaction():
    context.run_migrations()
