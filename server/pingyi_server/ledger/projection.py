"""The tables that people query, made from a meeting's state as the ledger gives it.

They are made when somebody asks (``pingyi audit --rebuild``), in one transaction, and not with every batch: a
ballot then costs one row and not several, and a table that somebody locked, altered or dropped cannot stop a
meeting. The row of ``projection`` says of how many leaves they tell, so that an audit compares like with like.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TypeAlias

from sqlalchemy import Table, delete, insert, select

from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import Secrecy
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_server.ledger.sql_store import SqlStore
from pingyi_server.ledger.tables import BALLOT, ITEM, MEMBER, PROJECTION, QUERIED, RESULT, ROUND

Value: TypeAlias = str | int | bool | Decimal | None
Row: TypeAlias = dict[str, Value]
Rows: TypeAlias = dict[Table, list[Row]]

COUNTED = frozenset({Phase.CLOSED, Phase.ANNOUNCED})


def rows_of(meeting: Meeting) -> Rows:
    """Return what the tables hold when they tell of ``meeting``."""
    return {
        MEMBER: list(members(meeting)),
        ITEM: list(items(meeting)),
        ROUND: [round_row(one) for one in meeting.rounds],
        BALLOT: [row for one in meeting.rounds for row in ballots(meeting, one)],
        RESULT: [row for one in meeting.rounds if one.phase is Phase.ANNOUNCED for row in results(meeting, one)],
    }


def members(meeting: Meeting) -> Iterator[Row]:
    """Yield a row for everybody on the roster."""
    for person in meeting.definition.roster if meeting.definition else ():
        yield {
            "number": person.number,
            "name": person.name,
            "seat": meeting.seat_of(person.number),
            "review_group": person.group,
            "roles": ",".join(person.roles),
            "entitled": person.entitled,
            "present": person.number in meeting.present,
        }


def items(meeting: Meeting) -> Iterator[Row]:
    """Yield a row for each line of the agenda."""
    for place, item in enumerate(meeting.agenda, 1):
        phase = meeting.phase_of(item.id).value
        yield {"id": item.id, "place": place, "title": item.title, "secrecy": item.rules.secrecy.value, "phase": phase}


def round_row(one: Round) -> Row:
    """Return the row of a round."""
    counted = one.phase in COUNTED
    return {
        "item": one.item,
        "number": one.number,
        "phase": one.phase.value,
        "first_leaf": one.first,
        "last_leaf": one.last,
        "present": len(one.present) if counted else None,
        "received": len(one.ballots) if counted else None,
    }


def ballots(meeting: Meeting, one: Round) -> Iterator[Row]:
    """Yield a row for each answer that counts, where who gave what is open."""
    if one.phase not in COUNTED or meeting.items[one.item].rules.secrecy is not Secrecy.OPEN:
        return
    for person, ballot in one.ballots.items():
        for answer in ballot.answers:
            yield {
                "item": one.item,
                "round": one.number,
                "member": person,
                "target": answer.target,
                "criterion": answer.criterion,
                "score": answer.score,
                "leaf": ballot.leaf,
            }


FIGURES = tuple(column.name for column in RESULT.columns if column.name not in ("item", "round", "target_name"))
"""The columns of a result that its figures have by the same names."""


def results(meeting: Meeting, one: Round) -> Iterator[Row]:
    """Yield a row for each target of an announced round."""
    figures: RoundFigures = round_figures(meeting, one)
    for target in figures.targets:
        named = meeting.definition.target(target.target).name if meeting.definition else target.target
        yield {
            "item": figures.item,
            "round": figures.round,
            "target_name": named,
            **{name: getattr(target, name) for name in FIGURES},
        }


def rebuild(store: SqlStore, meeting: Meeting) -> None:
    """Make the tables tell of ``meeting``, whatever they held."""
    with store.writing() as connection:
        # the first change takes the turn of whoever else rebuilds
        connection.execute(delete(PROJECTION))
        connection.execute(insert(PROJECTION).values(only=1, size=meeting.size))
        for table in reversed(QUERIED):
            connection.execute(delete(table))
        for table, rows in rows_of(meeting).items():
            if rows:
                connection.execute(insert(table), rows)


def told(store: SqlStore) -> int | None:
    """Return of how many leaves the tables tell, None while they were never made."""
    with store.reading() as connection:
        return connection.execute(select(PROJECTION.c.size)).scalar_one_or_none()


def stored_rows(store: SqlStore, table: Table) -> list[Row]:
    """Return what a table holds."""
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def key_of(table: Table, row: Row) -> tuple[Value, ...]:
    """Return what identifies a row of this table."""
    return tuple(row[column.name] for column in table.primary_key)
