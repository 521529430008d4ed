"""What people query of the composites: empty until the tables are made from the ledger again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables, and let all of them be made from the ledger anew."""
    op.execute("delete from projection")
    op.create_table(
        "composite",
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("target_name", sa.Text, nullable=False),
        sa.Column("total", sa.Numeric),
        sa.Column("rank", sa.Integer),
        sa.Column("band", sa.Text),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("again", "announced")),
    )
    op.create_table(
        "component_score",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("target", "component", "part")),
        sa.Column("name", sa.Text, nullable=False),
        *(sa.Column(name, sa.Numeric, nullable=False) for name in ("score", "weight", "weighted")),
        sa.ForeignKeyConstraint(("target",), ("composite.target",)),
    )
