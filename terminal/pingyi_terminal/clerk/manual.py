"""What a result that hands or paper gave is made of: one field for each count that the item's kind asks for. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from unicodedata import normalize

from pingyi_protocol.meeting.commands import AnswerCount, Choice, EnterResult, Score
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
from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.text import Catalogue
from pingyi_protocol.wording import WordedError
from pingyi_terminal.choices import short_name

COUNT = re.compile(r"\d{1,6}")
SCORES = re.compile(r"(\d{1,6}(?:\.\d{1,4})?)\s*[x*]\s*(\d{1,6})")
RECEIVED, INVALID, REASON = "received", "invalid", "reason"


class EntryError(WordedError):
    """What stands in a field is no count; the words name the field."""

    package = "pingyi_terminal"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form, named ``key`` there: it counts ``answer``, where that is None all scores of ``target``."""

    key: str
    label: str
    target: str = ""
    answer: Score | Choice | None = None


def fields_of(words: Catalogue, definition: Definition, item: Item) -> tuple[Field, ...]:
    """Return the fields of the counts of an item."""
    return tuple(
        Field(f"count-{index}", one.label, one.target, one.answer)
        for index, one in enumerate(counts_of(words, definition, item))
    )


def counts_of(words: Catalogue, definition: Definition, item: Item) -> Iterator[Field]:
    """Yield what is counted on an item, in its order."""
    abstaining = (Option.ABSTAIN,) if item.rules.abstention else ()
    match item.rules:
        case MotionRules():
            for option in (*QUESTION, *abstaining):
                yield Field("", words(f"choices.{option}"), answer=Choice("", option))
        case RatingRules():
            pairs = ((target, option) for target in item.targets for option in (*GRADES, *abstaining))
            yield from (about(words, definition, *pair) for pair in pairs)
        case SelectionRules():
            for target in item.targets:
                yield Field("", short_name(definition, target), target, Choice(target, Option.CHOSEN))
            for option in abstaining:
                yield Field("", words(f"choices.{option}"), answer=Choice("", option))
        case ScoreRules():
            for target in item.targets:
                yield from scores_of(words, definition, item.rules, target)


def scores_of(words: Catalogue, definition: Definition, rules: ScoreRules, target: str) -> Iterator[Field]:
    """Yield what is counted on one target that is scored, and the old question where it is asked."""
    name, abstaining = short_name(definition, target), (Option.ABSTAIN,) if rules.abstention else ()
    yield Field("", words("clerk.result_scores", target=name), target)
    if abstaining:
        yield Field("", words("clerk.result_abstain", target=name), target, Score(target, "", None))
    for option in (*QUESTION, *abstaining) if rules.question is not None else ():
        yield about(words, definition, target, option)


def about(words: Catalogue, definition: Definition, target: str, option: Option) -> Field:
    """Return the field of an answer about a target."""
    label = words("clerk.result_choice", target=short_name(definition, target), option=words(f"choices.{option}"))
    return Field("", label, target, Choice(target, option))


def entered(words: Catalogue, definition: Definition, item: Item, number: int, typed: Mapping[str, str]) -> EnterResult:
    """Return the command for what was ``typed`` into the fields; EntryError names the first that cannot be read."""
    received = count_in(words("clerk.result_received"), typed[RECEIVED])
    invalid = count_in(words("clerk.result_invalid"), typed[INVALID] or "0")
    counts = [one for field in fields_of(words, definition, item) for one in counted(field, typed[field.key])]
    if not is_reason(typed[REASON]):
        raise EntryError("clerk.needs_reason")
    return EnterResult(item.id, number, typed[REASON], received, invalid, tuple(one for one in counts if one.count))


def counted(field: Field, text: str) -> list[AnswerCount]:
    """Return what one field says: an empty one counts nobody."""
    if field.answer is not None:
        return [AnswerCount(field.answer, count_in(field.label, text or "0"))]
    read = normalize("NFKC", text).lower().replace("×", "x")
    found = SCORES.findall(read)
    if SCORES.sub("", read).strip(" ,;、，；"):
        raise EntryError("clerk.result_no_scores", field=field.label, typed=text)
    return [AnswerCount(Score(field.target, "", Decimal(score)), int(count)) for score, count in found]


def count_in(label: str, text: str) -> int:
    """Return the number that was typed, full-width digits too."""
    read = normalize("NFKC", text).strip()
    if COUNT.fullmatch(read) is None:
        raise EntryError("clerk.result_no_count", field=label, typed=text)
    return int(read)
