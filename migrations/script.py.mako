"""${message}

Runs while the previous release still serves: expand now, contract in a later release. Imports nothing from ``portal``.
"""

import sqlalchemy as sa
from alembic import op

revision = "${up_revision}"
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
