"""The tables and functions of Procrastinate, which runs the background jobs.

They come from the package itself, at the version that the lock files pin. A newer version brings migrations of its own,
which a revision of ours then runs; until it does, this one refuses to, rather than make a schema that nobody has tried.
"""

from importlib.metadata import version

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"

PROCRASTINATE = "3.10"


def upgrade() -> None:
    if not version("procrastinate").startswith(f"{PROCRASTINATE}."):
        raise RuntimeError(
            f"this revision is for Procrastinate {PROCRASTINATE}; add one for {version('procrastinate')}"
        )
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute("grant select, insert, update, delete on all tables in schema public to portal_app")
    op.execute("revoke update, delete, truncate on audit_event from portal_app")
    op.execute("grant usage, select on all sequences in schema public to portal_app")
