"""What a snapshot holds: charges, or usage.

Snapshots from before hold charges.

Revision: 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("snapshots", sa.Column("kind", sa.Text, nullable=False, server_default="charges"))
