"""Who gave what in the announced open rounds, a row an answer; and who voted in the secret ones, a row a member."""

from collections.abc import Iterator

from pingyi_protocol.meeting.ballots import line_of, sheet
from pingyi_protocol.meeting.commands import Answer, Choice
from pingyi_protocol.meeting.definition import Definition, ScoreRules
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_server.exports.tables import Cell, Row, headings, preamble, table_of
from pingyi_server.exports.view import BallotLine, View

COLUMNS = (
    *("item", "title", "kind", "round", "target", "target_name", "criterion"),
    *("number", "name", "group", "answer", "score", "leaf", "code"),
)


def ballots_table(view: View, words: Catalogue) -> Iterator[Row]:
    """Yield who gave what; the first lines say which ballots are open, and of which nobody knows what they say."""
    yield from ([said] for said in marks(view, words))
    yield from preamble(view, words)
    rows = (row for line in view.ballots for row in ballot_rows(line, view.definition, words))
    yield from table_of(headings(COLUMNS, words), rows)


def marks(view: View, words: Catalogue) -> list[str]:
    """Say what this is: open ballots, secret ones, or both."""
    kinds = {line.secret for line in view.ballots} or {False}
    return [words("export.secret_ballot" if secret else "export.open_ballot") for secret in sorted(kinds)]


def ballot_rows(line: BallotLine, definition: Definition, words: Catalogue) -> Iterator[dict[str, Cell]]:
    """Yield one row for each answer, or for each that could have been given; of a secret ballot one."""
    if line.secret:
        yield secret_row(line, words)
        return
    spoken = catalogue("pingyi_protocol", words.language)
    # nobody is obliged to choose a candidate: an empty selection has a row too
    lines = [line_of(answer) for answer in line.answers or ()] or sheet(line.item) or ((Choice, "", ""),)
    answers = {line_of(answer): answer for answer in line.answers or ()}
    for about in lines:
        answer_type, target, criterion = about
        kind: str = line.item.rules.kind
        if answer_type is Choice and isinstance(line.item.rules, ScoreRules):
            kind = "question"
        names = (one.name for one in line.item.criteria_of(target) if one.id == criterion)
        yield {
            "item": line.item.id,
            "title": line.item.title,
            "kind": spoken(f"kind.{kind}"),
            "round": line.round,
            "target": target,
            "target_name": definition.target(target).name if target else "",
            "criterion": next(names, ""),
            "number": line.person.number,
            "name": line.person.name,
            "group": line.person.group,
            **given(line, answers.get(about), words, spoken),
            "leaf": line.leaf,
            "code": line.code,
        }


def secret_row(line: BallotLine, words: Catalogue) -> dict[str, Cell]:
    """Return whether a member voted in a secret round: there is no more to tell of anybody."""
    return {
        "item": line.item.id,
        "title": line.item.title,
        "kind": catalogue("pingyi_protocol", words.language)(f"kind.{line.item.rules.kind}"),
        "round": line.round,
        "number": line.person.number,
        "name": line.person.name,
        "group": line.person.group,
        "answer": cast_words(line, words),
        "leaf": line.leaf,
        "code": line.code,
    }


def cast_words(line: BallotLine, words: Catalogue) -> str:
    """Say what became of a member's part in a secret round."""
    if line.answers is None:
        return words("export.answer_recused" if line.recused else "export.answer_not_voted")
    return words("export.answer_invalid" if line.invalid else "export.answer_secret")


def given(line: BallotLine, answer: Answer | None, words: Catalogue, spoken: Catalogue) -> dict[str, Cell]:
    """Say what was given, or why nothing was."""
    if line.answers is None:
        return {"answer": words("export.answer_recused" if line.recused else "export.answer_not_voted")}
    if answer is None:
        return {"answer": words("export.answer_blank")}
    if isinstance(answer, Choice):
        return {"answer": spoken(f"option.{answer.option}")}
    kind = spoken("option.abstain") if answer.score is None else words("export.answer_scored")
    return {"answer": kind, "score": answer.score}
