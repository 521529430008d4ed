"""Read what hands or paper gave: a CSV or TOML file with lines of target, answer and count.

Headers and words are taken in either language, targets by name, short name or id.
"""

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pingyi_protocol.meeting.commands import Answer, AnswerCount, Choice, Score
from pingyi_protocol.meeting.definition import (
    GRADES,
    QUESTION,
    Definition,
    Item,
    MotionRules,
    Option,
    RatingRules,
    ScoreRules,
    SelectionRules,
)
from pingyi_server.imports.csv_text import csv_rows
from pingyi_server.imports.findings import FileFinding, MeetingFileError, Place
from pingyi_server.imports.values import Raw, UnreadableError, both_languages, decimal_of, folded, text_of

COLUMNS = ("target", "answer", "count")
LARGEST_FILE = 2**20
ABSTAINED_QUESTION = "question_abstain"
"""The word for abstaining from the old question, to tell it from giving no score."""

Line = tuple[Place, dict[str, Raw]]
"""One line of the file, with its place and what stands in its columns."""


def read_counts(path: Path, definition: Definition, item: Item) -> tuple[AnswerCount, ...]:
    """Return how many gave each answer; lines with the count 0 are left out.

    Raises MeetingFileError with all that is wrong, each with its row and column, or OSError.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise MeetingFileError([FileFinding(Place("file", path.name), "smaller_file")])
    content = path.read_bytes()
    lines = toml_lines(content, path.name) if path.suffix == ".toml" else csv_lines(content, path.name)
    findings: list[FileFinding] = []
    first: dict[Answer, Place] = {}
    counts: list[AnswerCount] = []
    for place, line in lines:
        one = count_of(place, line, definition, item, findings)
        if one is None:
            continue
        if one.answer in first:
            findings.append(FileFinding(at(place, "answer"), "duplicate", str(line["answer"]), other=first[one.answer]))
        first.setdefault(one.answer, place)
        counts += [one] if one.count else []
    if not findings and not first:
        findings.append(FileFinding(Place("file", path.name), "count_lines"))
    if findings:
        raise MeetingFileError(findings)
    return tuple(counts)


def csv_lines(content: bytes, file: str) -> list[Line]:
    """Return the lines below the header."""
    rows = csv_rows(content, file)
    filled = [(number, row) for number, row in enumerate(rows, 1) if any(map(str.strip, row))]
    if not filled:
        raise MeetingFileError([FileFinding(Place("file", file), "count_lines")])
    top, header = filled[0]
    codes = {folded(name): code for code in COLUMNS for name in (code, *both_languages(f"result.column_{code}"))}
    columns = {codes[folded(name)]: index for index, name in enumerate(header) if folded(name) in codes}
    missing = [code for code in COLUMNS if code not in columns]
    if missing:
        place = Place("csv", file, file, top)
        raise MeetingFileError([FileFinding(place, "count_header", ", ".join(header), {"column": missing[0]})])
    return [
        (
            Place("csv", file, file, number),
            {code: row[index] if index < len(row) else "" for code, index in columns.items()},
        )
        for number, row in filled[1:]
    ]


def toml_lines(content: bytes, file: str) -> list[Line]:
    """Return the tables ``[[result]]``."""
    try:
        document = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"), parse_float=Decimal)
    except UnicodeDecodeError:
        raise MeetingFileError([FileFinding(Place("file", file), "utf8")]) from None
    except (ValueError, RecursionError) as error:
        raise MeetingFileError([FileFinding(Place("file", file), "toml", str(error))]) from None
    entries = document.get("result", [])
    if (
        document.keys() - {"result"}
        or not isinstance(entries, list)
        or not all(isinstance(one, dict) for one in entries)
    ):
        raise MeetingFileError([FileFinding(Place("file", file), "count_lines")])
    return [(Place("toml", file, "[[result]]", row), dict(toml_line(entry))) for row, entry in enumerate(entries, 1)]


def toml_line(entry: Mapping[str, Any]) -> Iterator[tuple[str, Raw]]:
    """Return what stands in the columns of one table; what is no single value stands as its text."""
    for code in COLUMNS:
        value = entry.get(code, "")
        yield code, str(value) if isinstance(value, list | dict) else value


def count_of(
    place: Place, line: Mapping[str, Raw], definition: Definition, item: Item, findings: list[FileFinding]
) -> AnswerCount | None:
    """Return one line's count, None with a finding where it cannot be read."""
    column, found = "target", line["target"]
    try:
        target = "" if nothing_named(line, item) else target_of(found, definition, item)
        column, found = "answer", line["answer"]
        answer = answer_of(found, target, item)
        column, found = "count", line["count"]
        count = decimal_of(found)
        if count != int(count) or count < 0:
            raise UnreadableError("whole_number")  # noqa: TRY301 - it goes the way of the others
    except UnreadableError as fault:
        findings.append(FileFinding(at(place, column), fault.code, str(found), fault.values))
        return None
    return AnswerCount(answer, int(count))


def at(place: Place, column: str) -> Place:
    """Return the place of one column of a line."""
    return Place(place.source, place.file, place.title, place.row, column)


def nothing_named(line: Mapping[str, Raw], item: Item) -> bool:
    """Whether the line is about no target, and need not be: on a motion, or for those who abstain from a selection."""
    if text_of(line["target"]):
        return False
    if isinstance(item.rules, SelectionRules):
        return folded(str(line["answer"])) in words_for(Option.ABSTAIN)
    return isinstance(item.rules, MotionRules)


def target_of(raw: Raw, definition: Definition, item: Item) -> str:
    """Return the id of the target of the item that is named."""
    wanted = folded(text_of(raw))
    if not wanted:
        raise UnreadableError("missing")
    for target in map(definition.target, item.targets):
        if wanted in {folded(name) for name in (target.id, target.name, target.short_name) if name}:
            return target.id
    raise UnreadableError("target_not_in_item" if item.targets else "motion_has_no_targets")


def answer_of(raw: Raw, target: str, item: Item) -> Answer:
    """Return the answer that stands in a line about this target."""
    abstaining = (Option.ABSTAIN,) if item.rules.abstention else ()
    match item.rules:
        case ScoreRules(question=question):
            return score_or_answer(raw, target, asked=question is not None)
        case MotionRules():
            return Choice("", option_of(raw, (*QUESTION, *abstaining)))
        case RatingRules():
            return Choice(target, option_of(raw, (*GRADES, *abstaining)))
        case SelectionRules():
            return Choice(target, option_of(raw, (Option.CHOSEN,) if target else (Option.ABSTAIN,)))


def score_or_answer(raw: Raw, target: str, *, asked: bool) -> Answer:
    """Return a score, no score, or where it is ``asked`` an answer to the old question."""
    text = folded(text_of(raw))
    if text in words_for(Option.ABSTAIN):
        return Score(target, "", None)
    for option in QUESTION if asked else ():
        if text in words_for(option):
            return Choice(target, option)
    if asked and text in words_for(ABSTAINED_QUESTION):
        return Choice(target, Option.ABSTAIN)
    return Score(target, "", decimal_of(raw))


def option_of(raw: Raw, options: tuple[Option, ...]) -> Option:
    """Return the one of these options whose word stands there."""
    text = folded(text_of(raw))
    for option in options:
        if text in words_for(option):
            return option
    raise UnreadableError("choice", choice="answer", among=" ".join(options))


def words_for(answer: str) -> frozenset[str]:
    """Return every way to write an answer."""
    return both_languages(f"workbook.answer_{answer}") | {folded(answer)}
