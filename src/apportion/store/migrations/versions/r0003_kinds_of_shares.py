"""What a share of a pool is (shared, idle, variance, kept) and why; pools may receive shares.

Runs made before have neither: their shares are shared or kept by their receiver.

Revision: 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name in ("kind", "note"):
        op.add_column("run_shares", sa.Column(name, sa.Text, nullable=False, server_default=""))
