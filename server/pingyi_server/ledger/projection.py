"""The tables that people query, made from a meeting's state as the ledger gives it.

They are made when somebody asks (``pingyi audit --rebuild``), in one transaction, and not with every batch: a
ballot then costs one row and not several, and a table that somebody locked, altered or dropped cannot stop a
meeting. The row of ``projection`` says of how many leaves they tell, so that an audit compares like with like.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import TypeAlias

from sqlalchemy import Table, delete, insert, select

from pingyi_protocol.meeting.appraisal import composite_of
from pingyi_protocol.meeting.commands import Answer, Choice, Score
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import TRIAL, Option, Secrecy
from pingyi_protocol.meeting.figures import (
    ChoiceFigures,
    ComponentFigures,
    CompositeLine,
    PartFigures,
    RoundFigures,
    SelectionFigures,
)
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.record.results import attendees
from pingyi_protocol.record.results_secret import Signer, secret_round
from pingyi_server.ledger.sql_store import SqlStore
from pingyi_server.ledger.tables import (
    BALLOT,
    CHOICE,
    COMPONENT_SCORE,
    COMPOSITE,
    ITEM,
    MEMBER,
    OPENING,
    OUTCOME,
    PROJECTION,
    QUERIED,
    RESULT,
    ROUND,
    SEALED_BALLOT,
    VOTE,
)

Value: TypeAlias = str | int | bool | Decimal | None
Row: TypeAlias = dict[str, Value]
Rows: TypeAlias = dict[Table, list[Row]]

COUNTED = frozenset({Phase.CLOSED, Phase.ANNOUNCED})


def rows_of(meeting: Meeting) -> Rows:
    """Return what the tables hold when they tell of ``meeting``."""
    rounds = [one for one in meeting.rounds if one.item != TRIAL.id]
    figures = [round_figures(meeting, one) for one in rounds if one.phase is Phase.ANNOUNCED]
    lines = composite_of(meeting)
    return {
        MEMBER: list(members(meeting)),
        ITEM: list(items(meeting)),
        ROUND: [round_row(one) for one in rounds],
        BALLOT: [row for one in rounds for row in ballots(meeting, one)],
        CHOICE: [row for one in rounds for row in choices(meeting, one)],
        SEALED_BALLOT: [row for one in rounds for row in sealed_ballots(one)],
        OPENING: [row for one in rounds for row in openings(meeting, one)],
        RESULT: [row for one in figures for row in results(meeting, one)],
        VOTE: [row for one in figures for row in votes(one)],
        OUTCOME: [row for one in figures for row in outcomes(meeting, one)],
        COMPOSITE: list(composites(meeting, lines)),
        COMPONENT_SCORE: list(component_scores(meeting, lines)),
    }


def members(meeting: Meeting) -> Iterator[Row]:
    """Yield a row for everybody on the roster."""
    definition = meeting.definition
    if definition is None:
        return
    for person, attendee in zip(definition.roster, attendees(meeting, definition), strict=True):
        yield {
            "number": person.number,
            "name": person.name,
            "seat": attendee.seat,
            "review_group": person.group,
            "roles": ",".join(person.roles),
            "entitled": person.entitled,
            "present": person.number in meeting.present,
            "attendance": attendee.attendance.value,
            "reason": attendee.reason,
        }


def items(meeting: Meeting) -> Iterator[Row]:
    """Yield a row for each line of the agenda."""
    for place, item in enumerate(meeting.agenda, 1):
        yield {
            "id": item.id,
            "place": place,
            "title": item.title,
            "kind": item.rules.kind,
            "secrecy": item.rules.secrecy.value,
            "phase": meeting.phase_of(item.id).value,
            "reason": meeting.withdrawn.get(item.id, ""),
        }


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
        "received": one.received if counted else None,
        "recused": one.recused_present if counted else None,
        "invalid": one.invalid if counted else None,
        "manual": one.manual.reason if one.manual else "",
        "confirmed": one.confirmed,
    }


def answers(meeting: Meeting, one: Round) -> Iterator[tuple[Row, Answer]]:
    """Yield each answer that counts, where who gave what is open, and what its row begins with."""
    if one.phase not in COUNTED or meeting.items[one.item].rules.secrecy is not Secrecy.OPEN:
        return
    for person, ballot in one.ballots.items():
        for answer in ballot.answers:
            row: Row = {"item": one.item, "round": one.number, "member": person, "target": answer.target}
            yield row | {"leaf": ballot.leaf}, answer


def ballots(meeting: Meeting, one: Round) -> Iterator[Row]:
    """Yield a row for each score that counts."""
    for row, answer in answers(meeting, one):
        if isinstance(answer, Score):
            yield row | {"criterion": answer.criterion, "score": answer.score}


def choices(meeting: Meeting, one: Round) -> Iterator[Row]:
    """Yield a row for each choice that counts."""
    for row, answer in answers(meeting, one):
        if isinstance(answer, Choice):
            yield row | {"option": answer.option.value}


def sealed_ballots(one: Round) -> Iterator[Row]:
    """Yield a row for each member who cast a ballot in a secret round."""
    if one.sealing is None or one.phase not in COUNTED:
        return
    for person, ballot in one.ballots.items():
        fault = one.sealing.invalid.get(person, "")
        yield {"item": one.item, "round": one.number, "member": person, "fault": fault, "leaf": ballot.leaf}


def openings(meeting: Meeting, one: Round) -> Iterator[Row]:
    """Yield a row for a secret round, as far as it came."""
    found = secret_round(meeting.definition, meeting.items[one.item], one) if meeting.definition else None
    if found is None:
        return
    said = found.overridden
    yield {
        "item": one.item,
        "round": one.number,
        "opens": found.opens,
        "election_key": found.key,
        "least_ballots": found.least_ballots,
        "threshold": found.threshold,
        "holders": numbers(found.holders),
        "checked": found.checked,
        "unsealed": found.unsealed,
        "size": found.head.size if found.head is not None else None,
        "cosigned": found.cosigned,
        "overridden_by": said.number if said is not None else "",
        "reason": said.reason if said is not None else "",
        "parts": numbers(found.parts),
        "bad_parts": numbers(found.bad),
    }


def numbers(people: tuple[Signer, ...]) -> str:
    """Return people by number, with commas between."""
    return ",".join(one.number for one in people)


FIGURES = tuple(column.name for column in RESULT.columns if column.name not in ("item", "round", "target_name"))
"""The columns of a result that its figures have by the same names."""


def results(meeting: Meeting, figures: RoundFigures) -> Iterator[Row]:
    """Yield a row for each scored target of an announced round."""
    for target in figures.targets:
        yield {
            "item": figures.item,
            "round": figures.round,
            "target_name": name_of(meeting, target.target),
            **{name: getattr(target, name) for name in FIGURES},
        }


def votes(figures: RoundFigures) -> Iterator[Row]:
    """Yield a row for each option of an announced round."""
    counts = [(choice.target, one.option, one.count) for choice in figures.choices for one in choice.counts]
    if figures.selection is not None:
        counts += [(one.target, Option.CHOSEN, one.votes) for one in figures.selection.candidates]
        counts.append(("", Option.ABSTAIN, figures.selection.abstentions))
    for target, option, count in counts:
        row: Row = {"item": figures.item, "round": figures.round, "target": target}
        yield row | {"option": option.value, "count": count}


def outcomes(meeting: Meeting, figures: RoundFigures) -> Iterator[Row]:
    """Yield a row for what was decided on each target, and for each candidate."""
    found: list[tuple[str, str, ChoiceFigures | SelectionFigures]] = [
        (one.target, one.outcome.value, one) for one in figures.choices
    ]
    chosen = figures.selection
    if chosen is not None:
        places = dict.fromkeys(chosen.winners, "selected") | dict.fromkeys(chosen.tied, "tied")
        found += [(one.target, places.get(one.target, "not_selected"), chosen) for one in chosen.candidates]
    for target, outcome, numbers in found:
        yield {
            "item": figures.item,
            "round": figures.round,
            "target": target,
            "target_name": name_of(meeting, target),
            "not_voted": numbers.not_voted,
            "base": numbers.base,
            "needed": numbers.needed,
            "outcome": outcome,
        }


def composites(meeting: Meeting, lines: tuple[CompositeLine, ...]) -> Iterator[Row]:
    """Yield a row for each target that has a composite, or would have one."""
    for line in lines:
        yield {
            "target": line.target,
            "target_name": name_of(meeting, line.target),
            "total": line.total,
            "rank": line.rank,
            "band": line.band,
            "again": line.again,
            "announced": bool(meeting.composite),
        }


def component_scores(meeting: Meeting, lines: tuple[CompositeLine, ...]) -> Iterator[Row]:
    """Yield a row for each component of a composite, and for each part of it."""
    components = meeting.definition.components if meeting.definition else ()
    names = {(one.id, ""): one.name for one in components}
    names |= {(one.id, part.id): part.name for one in components for part in one.parts}
    for line in lines:
        for whole in line.components:
            figures: list[tuple[str, ComponentFigures | PartFigures]] = [("", whole)]
            figures += [(part.part, part) for part in whole.parts]
            for part, found in figures:
                row: Row = {"target": line.target, "component": whole.component, "part": part}
                row |= {"name": names[whole.component, part], "score": found.score}
                yield row | {"weight": found.weight, "weighted": found.weighted}


def name_of(meeting: Meeting, target: str) -> str:
    """Return what a target is called, "" for none."""
    return meeting.definition.target(target).name if meeting.definition and target else ""


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
