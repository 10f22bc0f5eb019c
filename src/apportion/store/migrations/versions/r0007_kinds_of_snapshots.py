"""What a snapshot holds: charges, or usage; and what a proof leaves out.

Snapshots from before hold charges, and proofs from before left nothing out.

Revision: 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    kind = sa.Column("kind", sa.Text, nullable=False, server_default="charges")
    op.add_column("snapshots", kind)
    left_out = sa.Column("left_out", sa.Text, nullable=False, server_default="0")
    op.add_column("run_proofs", left_out)
