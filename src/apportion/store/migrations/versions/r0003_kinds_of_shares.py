"""What a share of a pool is and why; the mode of a line; whom suspended charges were meant for.

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
    op.add_column("run_lines", sa.Column("mode", sa.Text, nullable=False, server_default=""))
    op.add_column("run_attributed", sa.Column("meant", sa.Text, nullable=False, server_default=""))
