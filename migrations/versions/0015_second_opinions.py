"""Each request for a second opinion is a row of its own, whose words nobody replaces."""

from alembic import op

revision = "0015"
down_revision = "0014"

CHANGE = "words, answered_at, answered_by, answer, good_until"
"""Columns that the application may change: words only to be sealed anew under another key."""


def upgrade() -> None:
    op.drop_index("uq_help_request_open", "help_request")
    op.create_index("ix_help_request_staff_id_subject_id", "help_request", ["staff_id", "subject_id"])
    op.execute("revoke update, truncate on help_request from portal_app")
    op.execute(f"grant update ({CHANGE}) on help_request to portal_app")
