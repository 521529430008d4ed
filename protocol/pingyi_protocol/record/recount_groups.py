"""The figures of review groups from whole lists of ballots, and which of them are withheld."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pingyi_protocol.meeting.definition import ScoreRules, SelectionRules
from pingyi_protocol.meeting.figures import GroupChoice, GroupFigures, GroupTarget
from pingyi_protocol.record.recount_figures import Box, asked, counts_of, scores_of, target_figures


def grouped(box: Box) -> Iterator[GroupFigures]:
    """Yield the figures of each review group, those from which somebody's answer could be told left out."""
    least = box.item.rules.least_group
    if least is None:
        return
    names = list(dict.fromkeys(box.voters.values()))
    boxes = {name: group_box(box, name) for name in names}
    targets = [
        of_targets(boxes, target, least) for target in box.item.targets if isinstance(box.item.rules, ScoreRules)
    ]
    lines = (
        box.item.targets if isinstance(box.item.rules, SelectionRules) else [target for target, _ in asked(box.item)]
    )
    choices = [of_choices(boxes, target, least) for target in lines]
    for name in names:
        if name:
            yield GroupFigures(
                group=name,
                present=sum(group == name for group in box.voters.values()),
                received=boxes[name].received,
                targets=tuple(line[name] for line in targets),
                choices=tuple(line[name] for line in choices),
            )


def group_box(box: Box, name: str) -> Box:
    """Return the ballots of one group alone."""
    papers = [box.cast[person] for person, group in box.voters.items() if group == name and person in box.cast]
    return replace(box, papers=papers, received=len(papers))


def of_targets(boxes: Mapping[str, Box], target: str, least: int) -> dict[str, GroupTarget]:
    """Return the figures of a scored target, by group."""
    found = {}
    for name, box in boxes.items():
        rules = box.item.rules
        if isinstance(rules, ScoreRules):
            found[name] = target_figures(target, scores_of(box, target), rules, 0)
    hidden = hidden_of({name: one.scores for name, one in found.items()}, least)
    empty = GroupTarget(target, None, None, None)
    return {
        name: empty if name in hidden else GroupTarget(target, one.scores, one.total, one.measure)
        for name, one in found.items()
    }


def of_choices(boxes: Mapping[str, Box], target: str, least: int) -> dict[str, GroupChoice]:
    """Return what was chosen for a target, by group."""
    counts = {name: counts_of(box, target) for name, box in boxes.items()}
    answers = {
        name: box.received if isinstance(box.item.rules, SelectionRules) else sum(one.count for one in counts[name])
        for name, box in boxes.items()
    }
    hidden = hidden_of(answers, least)
    return {name: GroupChoice(target, None if name in hidden else count) for name, count in counts.items()}


def hidden_of(answers: Mapping[str, int], least: int) -> set[str]:
    """Return the groups of which nothing is shown: those too small, and the next larger until they hide each other."""
    hidden = {name for name in answers if not name or answers[name] < least}
    while 0 < sum(answers[name] for name in hidden) < least and hidden < set(answers):
        hidden.add(min(set(answers) - hidden, key=lambda name: (answers[name], name)))
    return hidden
