"""What people query: members, items, rounds, ballots and results, empty until they are made from the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "projection",
        sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.CheckConstraint('"only" = 1', name="one_projection"),
    )
    op.create_table(
        "member",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("seat", sa.Text, nullable=False),
        sa.Column("review_group", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("entitled", sa.Boolean, nullable=False),
        sa.Column("present", sa.Boolean, nullable=False),
    )
    op.create_table(
        "item",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("secrecy", sa.Text, nullable=False),
        sa.Column("phase", sa.Text, nullable=False),
    )
    op.create_table(
        "round",
        sa.Column("item", sa.Text, sa.ForeignKey("item.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("first_leaf", sa.Integer, sa.ForeignKey("leaf.index"), nullable=False),
        sa.Column("last_leaf", sa.Integer, sa.ForeignKey("leaf.index")),
        sa.Column("present", sa.Integer),
        sa.Column("received", sa.Integer),
    )
    op.create_table(
        "ballot",
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("member", sa.Text, sa.ForeignKey("member.number"), primary_key=True),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("criterion", sa.Text, primary_key=True),
        sa.Column("score", sa.Numeric),
        sa.Column("leaf", sa.Integer, sa.ForeignKey("leaf.index"), nullable=False),
        sa.ForeignKeyConstraint(("item", "round"), ("round.item", "round.number")),
    )
    op.create_table(
        "result",
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("target_name", sa.Text, nullable=False),
        sa.Column("scores", sa.Integer, nullable=False),
        sa.Column("abstentions", sa.Integer, nullable=False),
        sa.Column("not_voted", sa.Integer, nullable=False),
        sa.Column("total", sa.Numeric, nullable=False),
        sa.Column("measure", sa.Numeric),
        sa.Column("mean", sa.Numeric),
        sa.Column("trimmed_mean", sa.Numeric),
        sa.Column("median", sa.Numeric),
        sa.Column("deviation", sa.Numeric),
        sa.Column("least", sa.Numeric),
        sa.Column("greatest", sa.Numeric),
        sa.Column("band", sa.Text),
        sa.ForeignKeyConstraint(("item", "round"), ("round.item", "round.number")),
    )
