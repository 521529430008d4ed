"""What people query of secret rounds: empty until the tables are made from the ledger again."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ROUND = (("item", "round"), ("round.item", "round.number"))


def upgrade() -> None:
    """Make the tables, and let all of them be made from the ledger anew."""
    op.execute("delete from projection")
    op.create_table(
        "sealed_ballot",
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("member", sa.Text, sa.ForeignKey("member.number"), primary_key=True),
        sa.Column("fault", sa.Text, nullable=False),
        sa.Column("leaf", sa.Integer, sa.ForeignKey("leaf.index"), nullable=False),
        sa.ForeignKeyConstraint(*ROUND),
    )
    op.create_table(
        "opening",
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("opens", "election_key")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("least_ballots", "threshold")),
        sa.Column("holders", sa.Text, nullable=False),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("checked", "unsealed")),
        sa.Column("size", sa.Integer),
        sa.Column("cosigned", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("overridden_by", "reason", "parts", "bad_parts")),
        sa.ForeignKeyConstraint(*ROUND),
    )
