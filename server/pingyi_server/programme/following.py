"""What comes after a meeting: a selection's winners are to be scored, those below the threshold scored again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from pingyi_protocol.meeting.commands import Recuse
from pingyi_protocol.meeting.definition import Definition, Item, Language, Problem, ScoreRules, SelectionRules
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.wording import WordedError
from pingyi_server.programme.sitting import Scoring, Sitting, elected, scoring, tied

MOST_NAMED = 3
"""How many items or targets a refusal names; it says how many there are."""


class NothingNextError(WordedError):
    """There is nothing in the meeting that another one could go on from, or not yet."""

    package = "pingyi_server"


@dataclass(frozen=True)
class Next:
    """The meeting that comes next: who is scored there for the first time, who again (names), and who is recused."""

    definition: Definition
    chosen: tuple[str, ...]
    again: tuple[str, ...]
    recusals: tuple[Recuse, ...]


def next_meeting(sitting: Sitting, template: Definition, title: str, language: Language) -> Next:
    """Return the meeting that comes after this one; its session and date are left to be filled in.

    Meeting facts and roster stay. Winners of a selection are scored by the rules of the ``template``, under ``title``,
    and by its components where this meeting has none; targets below the threshold by the rules of this meeting's items.
    Problems keep what was promised; reports are to be written anew, and a target without a problem has a line to fill
    in. Raises NothingNextError.
    """
    require_announced(sitting)
    scorings = {target.id: scoring(sitting, target.id) for target in sitting.definition.targets}
    winners = (one for item in selections(sitting) for one in elected(sitting, item))
    chosen = tuple(one for one in dict.fromkeys(winners) if scorings[one] is None)
    again = tuple(one for one, found in scorings.items() if found is not None and found.below)
    if not chosen and not again:
        raise nothing_next(sitting, [one for one in scorings.values() if one is not None])
    items = [*again_items(sitting, again), *([first_item(template, title, chosen)] if chosen else [])]
    numbered = tuple(replace(item, id=str(number)) for number, item in enumerate(items, start=1))
    old = sitting.definition
    facts = replace(sitting.facts, session="", date="", follows=sitting.id, language=language)
    targets = tuple(target for target in old.targets if target.id in {*chosen, *again})
    source = old if old.components else template
    definition = replace(
        old,
        meeting=facts,
        targets=targets,
        agenda=numbered,
        problems=tuple(line for target in targets for line in problems_of(old, target.id)),
        components=source.components,
        composite=source.composite,
    )
    recusals = tuple(recusals_of(sitting, items, numbered))
    return Next(definition, names(old, chosen), names(old, again), recusals)


def names(definition: Definition, targets: Iterable[str]) -> tuple[str, ...]:
    """Return the names of targets."""
    return tuple(definition.target(target).name for target in targets)


def selections(sitting: Sitting) -> Iterator[Item]:
    """Yield the selections that were not withdrawn."""
    return (item for item in sitting.items if isinstance(item.rules, SelectionRules))


def require_announced(sitting: Sitting) -> None:
    """Raise NothingNextError while something is to come that decides who is next."""
    deciding = [item for item in sitting.items if isinstance(item.rules, ScoreRules | SelectionRules)]
    if not deciding:
        raise NothingNextError("next.no_such_item", meeting=sitting.facts.name)
    open_items = [item.title for item in deciding if sitting.phase(item) is not Phase.ANNOUNCED]
    if open_items and not sitting.closed:
        raise NothingNextError("next.not_announced", **named(open_items))
    if len(open_items) == len(deciding):
        raise NothingNextError("next.never_announced", **named(open_items))
    run_off = [target for item in selections(sitting) for target in tied(sitting, item)]
    if run_off and not sitting.closed:
        raise NothingNextError("next.tied", **named(names(sitting.definition, run_off)))
    rules = sitting.definition.composite
    scored = any(scoring(sitting, target.id) for target in sitting.definition.targets)
    decides = scored and sitting.results.composite and rules.again_below is not None
    if decides and not sitting.results.composite_announced:
        raise NothingNextError("next.composite_never" if sitting.closed else "next.composite_not_yet")


def named(texts: Iterable[str]) -> dict[str, object]:
    """Return how many there are, and the first of them."""
    every = list(texts)
    return {"count": len(every), "names": " · ".join(every[:MOST_NAMED])}


def nothing_next(sitting: Sitting, scorings: list[Scoring]) -> NothingNextError:
    """Return why nobody is next though everything was announced."""
    if not scorings:
        return NothingNextError("next.nobody_chosen", meeting=sitting.facts.name)
    least = {one.threshold for one in scorings if one.threshold is not None}
    if not least:
        return NothingNextError("next.no_threshold")
    return NothingNextError(
        "next.nobody_below", count=len(scorings), least=" · ".join(f"{one:f}" for one in sorted(least))
    )


def again_items(sitting: Sitting, again: tuple[str, ...]) -> Iterator[Item]:
    """Yield the meeting's score items with those of their targets alone that are to be scored again."""
    for item in sitting.items:
        targets = tuple(target for target in item.targets if target in again)
        if isinstance(item.rules, ScoreRules) and targets:
            criteria = tuple(one for one in item.criteria if one.target in targets)
            yield replace(item, targets=targets, criteria=criteria)


def first_item(template: Definition, title: str, chosen: tuple[str, ...]) -> Item:
    """Return the item in which the chosen targets are scored, on one sheet."""
    rules = next(item.rules for item in template.agenda if isinstance(item.rules, ScoreRules))
    return Item("", title, chosen, rules)


def problems_of(definition: Definition, target: str) -> tuple[Problem, ...]:
    """Return a target's problems with what was promised, without the old reports; at least one line."""
    kept = tuple(replace(problem, report="") for problem in definition.problems_of(target))
    return kept or (Problem(target, ""),)


def recusals_of(sitting: Sitting, items: Iterable[Item], numbered: Iterable[Item]) -> Iterator[Recuse]:
    """Yield who was recused when an item was voted on last, for the item that goes on from it."""
    for item, new in zip(items, numbered, strict=True):
        rounds = [one for one in sitting.results.rounds if one.item == item.id]
        for one in rounds[-1].recused if rounds else ():
            yield Recuse(person=one.number, item=new.id, reason=one.reason)
