"""What people query of every kind of item: the tables are made anew, empty until they are made from the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Drop what the ledger gives again, and make it in the new form."""
    op.execute("delete from projection")
    for table in ("result", "ballot", "round", "item", "member"):
        op.drop_table(table)
    lists()
    answers()
    results()


def lists() -> None:
    """Make the tables of people, items and rounds."""
    op.create_table(
        "member",
        sa.Column("number", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "seat", "review_group", "roles")),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("entitled", "present")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("attendance", "reason")),
    )
    op.create_table(
        "item",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("title", "kind", "secrecy", "phase", "reason")),
    )
    op.create_table(
        "round",
        sa.Column("item", sa.Text, sa.ForeignKey("item.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("first_leaf", sa.Integer, sa.ForeignKey("leaf.index"), nullable=False),
        sa.Column("last_leaf", sa.Integer, sa.ForeignKey("leaf.index")),
        *(sa.Column(name, sa.Integer) for name in ("present", "received", "recused", "invalid")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("manual", "confirmed")),
    )


def answers() -> None:
    """Make the tables of what was given."""
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
        "choice",
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("member", sa.Text, sa.ForeignKey("member.number"), primary_key=True),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("option", sa.Text, primary_key=True),
        sa.Column("leaf", sa.Integer, sa.ForeignKey("leaf.index"), nullable=False),
        sa.ForeignKeyConstraint(("item", "round"), ("round.item", "round.number")),
    )


def results() -> None:
    """Make the tables of what was announced."""
    numbers = ("measure", "mean", "trimmed_mean", "median", "deviation", "least", "greatest")
    op.create_table(
        "result",
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("target_name", sa.Text, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("scores", "abstentions", "not_voted")),
        sa.Column("total", sa.Numeric, nullable=False),
        *(sa.Column(name, sa.Numeric) for name in numbers),
        sa.Column("band", sa.Text),
        sa.Column("passed", sa.Boolean),
        sa.ForeignKeyConstraint(("item", "round"), ("round.item", "round.number")),
    )
    op.create_table(
        "vote",
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("option", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(("item", "round"), ("round.item", "round.number")),
    )
    op.create_table(
        "outcome",
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("target_name", sa.Text, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("not_voted", "base", "needed")),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(("item", "round"), ("round.item", "round.number")),
    )
