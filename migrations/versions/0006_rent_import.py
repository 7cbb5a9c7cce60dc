"""Lines of rent without an index by day: the import reads them by account or as a whole, and it cost a sixth of it."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.drop_index("ix_rent_line_posted_on", "rent_line")
