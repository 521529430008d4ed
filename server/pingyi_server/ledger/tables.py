"""The tables of the store. The leaves are the truth; nothing else in the database is."""

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, MetaData, Table, Text

METADATA = MetaData()

LEAF = Table(
    "leaf",
    METADATA,
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)
"""The exact bytes of each leaf by its place in the log, from 0."""

CHECKPOINT = Table(
    "checkpoint",
    METADATA,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)
"""The signed head after each batch."""

HEAD = Table(
    "head",
    METADATA,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    CheckConstraint("only = 1", name="one_head"),
)
"""One row: how many leaves there are. Advancing it by compare-and-swap is what lets one writer win."""
