"""The tables of the database.

The leaves are the truth, under the signed heads. What people query is made from them (``projection``), and no part
of this program reads it back. A changed table needs a migration: see ``revision``.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    TypeDecorator,
    cast,
)
from sqlalchemy.types import TypeEngine


class Exact(TypeDecorator[Decimal]):
    """A decimal number that comes back equal, also through SQLite's driver, which knows no decimals."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return a numeric column, of whatever the driver gives."""
        numeric: TypeEngine[Any] = Numeric(asdecimal=False) if dialect.name == "sqlite" else Numeric()
        return dialect.type_descriptor(numeric)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - its signature
        """Hand the digits to the driver."""
        return None if value is None else str(value)

    def process_result_value(self, value: Decimal | float | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - see above
        """Return the number; a float's shortest text has the digits that went in, which are fewer than 16."""
        return None if value is None else Decimal(str(value))


class Octets(TypeDecorator[bytes]):
    """Bytes, also where somebody's edit left a text in the column: SQLite takes either."""

    impl = LargeBinary
    cache_ok = True

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Read as bytes, whatever is there."""
        return cast(column, LargeBinary)


class Characters(TypeDecorator[str]):
    """A text, also where somebody's edit left bytes in the column."""

    impl = Text
    cache_ok = True

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Read as text, whatever is there."""
        return cast(column, Text)


METADATA = MetaData()

LEAF = Table(
    "leaf",
    METADATA,
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("body", Octets, nullable=False),
)
"""The exact bytes of each leaf by its place in the log, from 0."""

CHECKPOINT = Table(
    "checkpoint",
    METADATA,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("note", Characters, nullable=False),
)
"""The signed head after each batch."""

HEAD = Table(
    "head",
    METADATA,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    CheckConstraint('"only" = 1', name="one_head"),
)
"""One row: how many leaves there are. Advancing it by compare-and-swap is what lets one writer win."""

COSIGNATURE = Table(
    "cosignature",
    METADATA,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("device", Text, primary_key=True),
    Column("line", Characters, nullable=False),
)
"""Who cosigned the head of this size: the device's key id, and the line as it came. Checked before it is kept."""

RESTORED = Table(
    "restored",
    METADATA,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("root", Text, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint('"only" = 1', name="one_restored"),
)
"""One row once a backup was put in place: its size and root (base64), which chair and scrutineer must sign, and why."""

PROJECTION = Table(
    "projection",
    METADATA,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    CheckConstraint('"only" = 1', name="one_projection"),
)
"""One row once the tables below were filled: the number of leaves that they tell of."""

MEMBER = Table(
    "member",
    METADATA,
    Column("number", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("seat", Text, nullable=False),
    Column("review_group", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("entitled", Boolean, nullable=False),
    Column("present", Boolean, nullable=False),
    Column("attendance", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Everybody on the roster: where they sit, their roles with commas between, whether they are present, else why not."""

ITEM = Table(
    "item",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("secrecy", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""The agenda; ``place`` counts from 1, ``reason`` is why it was withdrawn."""

ROUND = Table(
    "round",
    METADATA,
    Column("item", Text, ForeignKey("item.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("phase", Text, nullable=False),
    Column("first_leaf", Integer, ForeignKey("leaf.index"), nullable=False),
    Column("last_leaf", Integer, ForeignKey("leaf.index")),
    Column("present", Integer),
    Column("received", Integer),
    Column("recused", Integer),
    Column("invalid", Integer),
    Column("manual", Text, nullable=False),
    Column("confirmed", Text, nullable=False),
)
"""Each opening of an item, but no trial vote; what counts only once it is closed is empty before.

``manual`` is why the clerk entered the result by hand, ``confirmed`` the number of the scrutineer who signed the count.
"""

BALLOT = Table(
    "ballot",
    METADATA,
    Column("item", Text, primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("member", Text, ForeignKey("member.number"), primary_key=True),
    Column("target", Text, primary_key=True),
    Column("criterion", Text, primary_key=True),
    Column("score", Exact),
    Column("leaf", Integer, ForeignKey("leaf.index"), nullable=False),
    ForeignKeyConstraint(("item", "round"), ("round.item", "round.number")),
)
"""What counted in each closed round that was scored openly (记名), a row a score; an abstention has none."""

CHOICE = Table(
    "choice",
    METADATA,
    Column("item", Text, primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("member", Text, ForeignKey("member.number"), primary_key=True),
    Column("target", Text, primary_key=True),
    Column("option", Text, primary_key=True),
    Column("leaf", Integer, ForeignKey("leaf.index"), nullable=False),
    ForeignKeyConstraint(("item", "round"), ("round.item", "round.number")),
)
"""The same of what was chosen, a row a choice; the target of a motion is empty."""

SEALED_BALLOT = Table(
    "sealed_ballot",
    METADATA,
    Column("item", Text, primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("member", Text, ForeignKey("member.number"), primary_key=True),
    Column("fault", Text, nullable=False),
    Column("leaf", Integer, ForeignKey("leaf.index"), nullable=False),
    ForeignKeyConstraint(("item", "round"), ("round.item", "round.number")),
)
"""Who voted in each closed secret round (无记名), nobody knows what; ``fault`` is why a ballot is invalid, or empty."""

OPENING = Table(
    "opening",
    METADATA,
    Column("item", Text, primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("opens", Text, nullable=False),
    Column("election_key", Text, nullable=False),
    Column("least_ballots", Integer, nullable=False),
    Column("threshold", Integer, nullable=False),
    Column("holders", Text, nullable=False),
    Column("checked", Boolean, nullable=False),
    Column("unsealed", Boolean, nullable=False),
    Column("size", Integer),
    Column("cosigned", Integer, nullable=False),
    Column("overridden_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("parts", Text, nullable=False),
    Column("bad_parts", Text, nullable=False),
    ForeignKeyConstraint(("item", "round"), ("round.item", "round.number")),
)
"""How each secret round is opened: under which key (its fingerprint), on a head of ``size`` leaves that some cosigned.

``holders`` have a share of the key, ``parts`` and ``bad_parts`` came from them; all by number with commas between.
"""

RESULT = Table(
    "result",
    METADATA,
    Column("item", Text, primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("target", Text, primary_key=True),
    Column("target_name", Text, nullable=False),
    Column("scores", Integer, nullable=False),
    Column("abstentions", Integer, nullable=False),
    Column("not_voted", Integer, nullable=False),
    Column("total", Exact, nullable=False),
    Column("measure", Exact),
    Column("mean", Exact),
    Column("trimmed_mean", Exact),
    Column("median", Exact),
    Column("deviation", Exact),
    Column("least", Exact),
    Column("greatest", Exact),
    Column("band", Text),
    Column("passed", Boolean),
    ForeignKeyConstraint(("item", "round"), ("round.item", "round.number")),
)
"""The announced figures of each scored target; ``measure`` is the item's own. A sum that was opened has a mean only."""

VOTE = Table(
    "vote",
    METADATA,
    Column("item", Text, primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("target", Text, primary_key=True),
    Column("option", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    ForeignKeyConstraint(("item", "round"), ("round.item", "round.number")),
)
"""How often each option was chosen in each announced round; who abstained from a selection has no target."""

OUTCOME = Table(
    "outcome",
    METADATA,
    Column("item", Text, primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("target", Text, primary_key=True),
    Column("target_name", Text, nullable=False),
    Column("not_voted", Integer, nullable=False),
    Column("base", Integer, nullable=False),
    Column("needed", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    ForeignKeyConstraint(("item", "round"), ("round.item", "round.number")),
)
"""What was decided by choice on each target in each announced round; of a candidate, whether it won or is tied."""

COMPOSITE = Table(
    "composite",
    METADATA,
    Column("target", Text, primary_key=True),
    Column("target_name", Text, nullable=False),
    Column("total", Exact),
    Column("rank", Integer),
    Column("band", Text),
    Column("again", Boolean, nullable=False),
    Column("announced", Boolean, nullable=False),
)
"""The composite of each target as it stands; no total while something is missing."""

COMPONENT_SCORE = Table(
    "component_score",
    METADATA,
    Column("target", Text, primary_key=True),
    Column("component", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("score", Exact, nullable=False),
    Column("weight", Exact, nullable=False),
    Column("weighted", Exact, nullable=False),
    ForeignKeyConstraint(("target",), ("composite.target",)),
)
"""What each component adds to a composite, and each part ("" for the whole) to its component; weights in per cent."""

QUERIED = (
    *(MEMBER, ITEM, ROUND, BALLOT, CHOICE, SEALED_BALLOT, OPENING),
    *(RESULT, VOTE, OUTCOME, COMPOSITE, COMPONENT_SCORE),
)
"""What people query, each after the tables that it refers to."""

RECORD = tuple(table for table in METADATA.sorted_tables if table not in (*QUERIED, PROJECTION))
"""What cannot be made again, and so what a backup holds."""
