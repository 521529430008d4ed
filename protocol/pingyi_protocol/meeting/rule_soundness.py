"""Whether the rules of one item make sense: its scale and bands, its shares, what can be chosen, who signs."""

import itertools
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pingyi_protocol.meeting.definition import (
    Audience,
    Band,
    Base,
    Display,
    Item,
    MeasureKind,
    MotionRules,
    Passing,
    RatingRules,
    Rules,
    ScoreRules,
    Secrecy,
    SelectionRules,
)
from pingyi_protocol.meeting.findings import (
    Finding,
    Path,
    TextRule,
    is_plain,
    not_plain,
    out_of_range,
    share_findings,
    text_findings,
)
from pingyi_protocol.secret.encoding import EncodingError, ballot_bytes
from pingyi_protocol.secret.opening import LEAST_BALLOTS
from pingyi_protocol.secret.sheet import lines_of

MOST_DECIMALS = 4
MOST_STEPS = 10_000
LARGEST_BALLOT = 180 * 1024
"""Bytes of a secret ballot, so that as base64 it fits into one message with room to spare."""
LONGEST_COUNTDOWN = 24 * 60 * 60
LEAST_GROUP = 2
WHOLE = Decimal(100)
BAND_NAME = TextRule("name", 20)
CRITERION_NAME = TextRule("name", 100)
# these separate bands and the parts of a band where bands are written as text
SEPARATORS = re.compile(r"[;；,，、:：]")


def rules_findings(item: Item) -> Iterator[Finding]:
    """Find what is wrong with the rules and criteria of one item; paths start at the item."""
    found = list(_rules(item))
    for finding in found:
        yield Finding(("rules", *finding.path), finding.code, finding.found, finding.values)
    yield from _criteria(item)
    # of a scale that is none there is no encoding
    if item.rules.secrecy is Secrecy.SECRET and not found:
        yield from _opening(item)


def _rules(item: Item) -> Iterator[Finding]:
    rules = item.rules
    match rules:
        case ScoreRules():
            yield from _score(rules)
        case MotionRules(passing=passing):
            yield from _passing(passing, "passing", of_question=True)
        case RatingRules(passing=passing):
            yield from _passing(passing, "passing", of_question=False)
        case SelectionRules():
            yield from _selection(rules, len(item.targets))
    if rules.display is Display.LIVE and rules.running is not Audience.ALL:
        yield Finding(("running",), "live_needs_all", rules.running.value)
    if rules.seconds is not None and not 1 <= rules.seconds <= LONGEST_COUNTDOWN:
        yield out_of_range("seconds", rules.seconds, 1, LONGEST_COUNTDOWN)
    if rules.least_group is not None and rules.least_group < LEAST_GROUP:
        yield Finding(("least_group",), "at_least", str(rules.least_group), {"least": str(LEAST_GROUP)})
    if rules.least_ballots < LEAST_BALLOTS:
        yield Finding(("least_ballots",), "at_least", str(rules.least_ballots), {"least": str(LEAST_BALLOTS)})
    if rules.secrecy is Secrecy.SECRET:
        yield from _secret(rules)


def _secret(rules: Rules) -> Iterator[Finding]:
    """Nothing of a secret round is told while it runs, nor of fewer people than it opens."""
    if rules.display is Display.LIVE:
        yield Finding(("display",), "secret_not_live", rules.display.value)
    if rules.running is not Audience.NOBODY:
        yield Finding(("running",), "secret_running", rules.running.value)
    if rules.least_group is not None:
        yield Finding(("least_group",), "secret_groups", str(rules.least_group))


def _opening(item: Item) -> Iterator[Finding]:
    """Find what a secret round is asked for and cannot open, and what no secret ballot has room for."""
    rules = item.rules
    size = (rules.least, rules.most) if isinstance(rules, SelectionRules) else (1, 1)
    try:
        whole = sum(ballot_bytes(line.encoding) for line in lines_of(item, rules.opens, item.targets, size))
    except EncodingError as fault:
        yield Finding(("rules", "opens"), fault.key.replace(".", "_"), rules.opens.value, words_of(fault))
        return
    if whole > LARGEST_BALLOT:
        values = {"size": str(whole // 1024), "most": str(LARGEST_BALLOT // 1024)}
        yield Finding(("rules", "opens"), "secret_too_large", rules.opens.value, values)


def words_of(fault: EncodingError) -> dict[str, str]:
    """Return the values of a fault as a finding has them."""
    return {name: str(value) for name, value in fault.values.items()}


def _passing(passing: Passing, field: str, *, of_question: bool) -> Iterator[Finding]:
    yield from share_findings((field,), passing)
    if passing.base is Base.FOR_AND_AGAINST and not of_question:
        yield Finding((field,), "base_of_question", passing.base.value)


def _selection(rules: SelectionRules, candidates: int) -> Iterator[Finding]:
    most = max(candidates, 1)
    for field, least in (("winners", 1), ("most", 1), ("least", 0)):
        upto = rules.most if field == "least" else most
        if not least <= getattr(rules, field) <= upto:
            yield out_of_range(field, getattr(rules, field), least, upto)
    if rules.passing is not None:
        yield from _passing(rules.passing, "passing", of_question=False)


def _criteria(item: Item) -> Iterator[Finding]:
    """Criteria belong to a score item's own targets; of each target the names differ and the weights make a whole."""
    if item.criteria and not isinstance(item.rules, ScoreRules):
        yield Finding(("criteria",), "criteria_of_scores")
    known: set[tuple[str, str]] = set()
    for index, criterion in enumerate(item.criteria):
        path: Path = ("criteria", index)
        yield from text_findings((*path, "name"), criterion.name, CRITERION_NAME)
        if criterion.target not in item.targets:
            yield Finding((*path, "target"), "target_not_in_item", criterion.target)
        for field in ("id", "name"):
            key = (criterion.target, field + getattr(criterion, field))
            if key in known or not getattr(criterion, field):
                yield Finding((*path, field), "duplicate" if key in known else "missing", getattr(criterion, field))
            known.add(key)
        if not is_plain(criterion.weight) or not 0 < criterion.weight <= WHOLE:
            yield Finding((*path, "weight"), "weight", str(criterion.weight))
    first = {criterion.target: index for index, criterion in reversed(list(enumerate(item.criteria)))}
    for target, index in first.items():
        total = sum((one.weight for one in item.criteria_of(target) if is_plain(one.weight)), Decimal(0))
        if total != WHOLE:
            yield Finding(("criteria", index, "weight"), "weights_total", str(total))


def _score(rules: ScoreRules) -> Iterator[Finding]:
    """Find what is wrong with the rules of a score item."""
    wild = [field for field in ("lowest", "highest", "step") if not is_plain(getattr(rules, field))]
    yield from (not_plain((field,), getattr(rules, field)) for field in wild)
    wild_bands = [band for band in rules.bands if not is_plain(band.least)]
    yield from (not_plain(("bands",), band.least) for band in wild_bands)
    if not wild:
        yield from _scale(rules)
    if not wild and not wild_bands:
        yield from bands_findings(rules.bands, rules.lowest, rules.highest)
    if not 0 <= rules.decimals <= MOST_DECIMALS:
        yield out_of_range("decimals", rules.decimals, 0, MOST_DECIMALS)
    if rules.least_scores < 1:
        yield Finding(("least_scores",), "at_least", str(rules.least_scores), {"least": "1"})
    trimmed = rules.measure is MeasureKind.TRIMMED_MEAN
    if rules.dropped < (1 if trimmed else 0):
        yield Finding(("dropped",), "at_least", str(rules.dropped), {"least": "1" if trimmed else "0"})
    elif trimmed and rules.least_scores <= 2 * rules.dropped:
        wanted = str(2 * rules.dropped + 1)
        yield Finding(("least_scores",), "least_scores_trimmed", str(rules.least_scores), {"least": wanted})
    if rules.pass_mark is not None and not is_plain(rules.pass_mark):
        yield not_plain(("pass_mark",), rules.pass_mark)
    elif rules.pass_mark is not None and not wild and not rules.lowest <= rules.pass_mark <= rules.highest:
        found, values = str(rules.pass_mark), {"least": str(rules.lowest), "most": str(rules.highest)}
        yield Finding(("pass_mark",), "between", found, values)
    if rules.question is not None:
        yield from _passing(rules.question, "question", of_question=True)


def _scale(rules: ScoreRules) -> Iterator[Finding]:
    width = rules.highest - rules.lowest
    if width <= 0:
        yield Finding(("highest",), "above", str(rules.highest), {"least": str(rules.lowest)})
    if rules.step <= 0:
        yield Finding(("step",), "above", str(rules.step), {"least": "0"})
    elif width > 0 and width / rules.step > MOST_STEPS:
        yield Finding(("step",), "too_many_steps", str(rules.step), {"most": str(MOST_STEPS)})
    elif width > 0 and width % rules.step:
        values = {"least": str(rules.lowest), "most": str(rules.highest)}
        yield Finding(("step",), "step_divides", str(rules.step), values)


def bands_findings(bands: Sequence[Band], lowest: Decimal, highest: Decimal) -> Iterator[Finding]:
    """Find bands that do not part the whole scale between them; none at all are well."""
    if not bands:
        return
    path = ("bands",)
    found = "; ".join(f"{band.name} {band.least}" for band in bands)
    bounds = [band.least for band in bands]
    if any(upper <= lower for upper, lower in itertools.pairwise(bounds)):
        yield Finding(path, "bands_falling", found)
    elif bounds[-1] != lowest:
        yield Finding(path, "bands_reach_lowest", found, {"least": str(lowest)})
    if bounds[0] > highest:
        yield Finding(path, "bands_above_highest", found, {"most": str(highest)})
    names = [band.name for band in bands]
    if len(set(names)) < len(names):
        yield Finding(path, "band_twice", found)
    for name in names:
        yield from text_findings(path, name, BAND_NAME)
        if SEPARATORS.search(name):
            yield Finding(path, "band_separator", name)
