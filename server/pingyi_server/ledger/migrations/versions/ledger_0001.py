"""The ledger: leaves, signed heads, and the head that is advanced by compare-and-swap."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of an empty ledger."""
    op.create_table(
        "leaf",
        sa.Column("index", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    head = op.create_table(
        "head",
        sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.CheckConstraint('"only" = 1', name="one_head"),
    )
    op.execute(sa.insert(head).values(only=1, size=0))
