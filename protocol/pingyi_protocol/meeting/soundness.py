"""Whether a definition makes sense: every check that needs no file, so that a loader can map each finding to a cell.

A finding says where (a path into the definition), what was found and, by a stable code with values, what is
wanted. The words of the codes stand in the catalogue of whoever shows them. Nothing here stops at the first finding.
"""

import itertools
import re
import unicodedata
from collections.abc import Hashable, Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec

from pingyi_protocol.keys.enrolment_code import (
    MOST_ADDRESSES,
    MOST_PERSON_BYTES,
    address_bytes,
    address_room,
    is_address,
)
from pingyi_protocol.meeting.definition import (
    Audience,
    Definition,
    Display,
    Item,
    MeasureKind,
    MeetingFacts,
    Person,
    Role,
    ScoreRules,
    Secrecy,
    Struct,
)

Path = tuple[str | int, ...]

HIGHEST_PORT = 65535
PORTS = 3
MOST_DECIMALS = 4
MOST_STEPS = 10_000
LONGEST_COUNTDOWN = 24 * 60 * 60
WHOLE = Decimal(100)
GREATEST = Decimal(1_000_000)
FINEST = Decimal("0.000001")

SEAT = re.compile(r"[0-9]{1,3}-[0-9]{1,3}")
DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
# these separate bands and the parts of a band where bands are written as text
SEPARATORS = re.compile(r"[;；,，、:：]")
# control, format (bidirectional marks, zero-width characters), surrogate, line and paragraph separators
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Finding(Struct, frozen=True):
    """One thing that is wrong.

    ``path`` leads from the definition to it by field names and indices from 0, such as ``("roster", 12, "seat")``,
    or to a whole table or column (``("roster",)``, ``("components", "weight")``). ``code`` is stable and names what is
    wanted; ``values`` fill the words of the code. ``other`` is the earlier line that this one collides with.
    """

    path: Path
    code: str
    found: str = ""
    values: dict[str, str] = msgspec.field(default_factory=dict)
    other: Path | None = None


class TextRule(NamedTuple):
    """What a text field may hold: at most ``longest`` characters; ``lines`` allows line breaks."""

    field: str
    longest: int
    required: bool = True
    lines: bool = False


NUMBER = TextRule("number", 20)
TEXTS: dict[str, tuple[TextRule, ...]] = {
    "roster": (NUMBER, TextRule("name", 60), TextRule("group", 40, required=False)),
    "targets": (TextRule("name", 100), TextRule("short_name", 30, required=False)),
    "agenda": (TextRule("id", 20), TextRule("title", 200)),
    "problems": (
        TextRule("title", 300),
        TextRule("goal", 2000, required=False, lines=True),
        TextRule("report", 4000, required=False, lines=True),
    ),
    "components": (TextRule("name", 60),),
}
MEETING_TEXTS = (TextRule("name", 120), TextRule("session", 120))
BAND_NAME = TextRule("name", 20)


def findings_of(definition: Definition) -> list[Finding]:
    """Return everything that is wrong with ``definition``; an empty list when a meeting can be held on it."""
    return [
        *_meeting(definition.meeting),
        *_enrolment(definition),
        *_texts(definition),
        *_roster(definition.roster),
        *_targets(definition),
        *_agenda(definition),
        *_problems(definition),
        *_components(definition),
        *_evidence(definition),
    ]


def _meeting(meeting: MeetingFacts) -> Iterator[Finding]:
    for rule in MEETING_TEXTS:
        yield from _text(("meeting", rule.field), getattr(meeting, rule.field), rule)
    if not DATE.fullmatch(meeting.date):
        yield Finding(("meeting", "date"), "date", meeting.date)
    quorum = meeting.quorum
    fraction = f"{quorum.numerator}/{quorum.denominator}"
    if not 0 < quorum.numerator <= quorum.denominator:
        yield Finding(("meeting", "quorum"), "quorum", fraction)
    elif quorum.strict and quorum.numerator == quorum.denominator:
        yield Finding(("meeting", "quorum"), "quorum_unreachable", fraction)
    last = HIGHEST_PORT - PORTS + 1
    if not 1 <= meeting.port <= last:
        yield Finding(("meeting", "port"), "between", str(meeting.port), {"least": "1", "most": str(last)})


def _enrolment(definition: Definition) -> Iterator[Finding]:
    """Find what no enrolment code can carry: codes are issued on the day, when it is too late to mend."""
    path, addresses = ("meeting", "addresses"), definition.meeting.addresses
    if not addresses:
        yield Finding(path, "missing")
    wrong = [address for address in addresses if not is_address(address)]
    for address in wrong:
        yield Finding(path, "address", address)
    if len(addresses) > MOST_ADDRESSES:
        yield Finding(path, "between", str(len(addresses)), {"least": "1", "most": str(MOST_ADDRESSES)})
    elif not wrong:
        longest = max((person.number[:MOST_PERSON_BYTES] for person in definition.roster), key=_size, default="")
        room, length = address_room(longest), address_bytes(addresses)
        if length > room:
            yield Finding(path, "too_long", ", ".join(addresses), {"longest": str(room), "length": str(length)})
    most = NUMBER.longest
    for index, person in enumerate(definition.roster):
        number = person.number
        if len(number) <= most and _size(number) > MOST_PERSON_BYTES:
            fit = next(count for count in range(most, 0, -1) if _size(number[:count]) <= MOST_PERSON_BYTES)
            values = {"longest": str(fit), "length": str(len(number))}
            yield Finding(("roster", index, "number"), "too_long", number, values)


def _size(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))


def _texts(definition: Definition) -> Iterator[Finding]:
    for table, rules in TEXTS.items():
        for index, line in enumerate(getattr(definition, table)):
            for rule in rules:
                yield from _text((table, index, rule.field), getattr(line, rule.field), rule)


def _text(path: Path, text: str, rule: TextRule) -> Iterator[Finding]:
    if rule.required and not text.strip():
        yield Finding(path, "missing", text)
    if len(text) > rule.longest:
        yield Finding(path, "too_long", text, {"longest": str(rule.longest), "length": str(len(text))})
    visible = text.replace("\n", "") if rule.lines else text
    hidden = sorted({character for character in visible if unicodedata.category(character) in HIDDEN_CATEGORIES})
    if hidden:
        names = ", ".join(f"U+{ord(character):04X}" for character in hidden)
        yield Finding(path, "hidden_character_or_line" if "\n" in hidden else "hidden_character", names)


def _roster(roster: tuple[Person, ...]) -> Iterator[Finding]:
    yield from _duplicates("roster", "number", (person.number for person in roster))
    yield from _duplicates("roster", "seat", (place_of(person.seat) for person in roster))
    for index, person in enumerate(roster):
        if person.seat and not SEAT.fullmatch(person.seat):
            yield Finding(("roster", index, "seat"), "seat", person.seat)
        if Role.HALL in person.roles:
            yield Finding(("roster", index, "roles"), "hall_is_no_person", Role.HALL.value)
        if len(set(person.roles)) < len(person.roles):
            yield Finding(("roster", index, "roles"), "role_twice", ", ".join(person.roles))
        if person.entitled and Role.MEMBER not in person.roles:
            yield Finding(("roster", index, "roles"), "voter_is_member", ", ".join(person.roles))
    chairs = [index for index, person in enumerate(roster) if Role.CHAIR in person.roles]
    for index in chairs[1:]:
        yield Finding(
            ("roster", index, "roles"), "second_chair", roster[index].name, other=("roster", chairs[0], "roles")
        )
    if not any(person.entitled for person in roster):
        yield Finding(("roster",), "nobody_entitled")


def place_of(seat: str) -> Hashable:
    """``3-7`` and ``3-07`` are one seat; None for no seat."""
    if not seat:
        return None
    return tuple(int(part) for part in seat.split("-")) if SEAT.fullmatch(seat) else seat


def _duplicates(table: str, field: str, keys: Iterable[Hashable]) -> Iterator[Finding]:
    """Find keys that repeat an earlier line's; None and "" are no keys."""
    first: dict[Hashable, int] = {}
    for index, key in enumerate(keys):
        if key is None or key == "":
            continue
        if key in first:
            found = "-".join(map(str, key)) if isinstance(key, tuple) else str(key)
            yield Finding((table, index, field), "duplicate", found, other=(table, first[key], field))
        else:
            first[key] = index


def _targets(definition: Definition) -> Iterator[Finding]:
    if not definition.targets:
        yield Finding(("targets",), "no_targets")
    yield from _duplicates("targets", "id", (target.id for target in definition.targets))
    yield from _duplicates("targets", "name", (target.name for target in definition.targets))


def _agenda(definition: Definition) -> Iterator[Finding]:
    if not definition.agenda:
        yield Finding(("agenda",), "no_items")
    yield from _duplicates("agenda", "id", (item.id for item in definition.agenda))
    known = {target.id: target.name for target in definition.targets}
    scored_in: dict[str, int] = {}
    for index, item in enumerate(definition.agenda):
        yield from _item_targets(index, item, known)
        yield from (
            Finding(("agenda", index, "rules", *finding.path), finding.code, finding.found, finding.values)
            for finding in _rules(item.rules)
        )
        # with components, the committee's own score of a target must come from one item
        for target in dict.fromkeys(item.targets) if definition.components else ():
            if target in known and target in scored_in:
                other = ("agenda", scored_in[target], "targets")
                name = definition.target(target).name
                yield Finding(("agenda", index, "targets"), "target_in_two_items", name, other=other)
            scored_in.setdefault(target, index)


def _item_targets(index: int, item: Item, known: dict[str, str]) -> Iterator[Finding]:
    path = ("agenda", index, "targets")
    if not item.targets:
        yield Finding(path, "missing")
    for target in dict.fromkeys(item.targets):
        if target not in known:
            yield Finding(path, "unknown_target", target)
        if item.targets.count(target) > 1:
            yield Finding(path, "target_twice", known.get(target, target))


def _rules(rules: ScoreRules) -> Iterator[Finding]:
    """Find what is wrong with the rules of one item; paths start at the rules."""
    wild = [field for field in ("lowest", "highest", "step") if not _plain(getattr(rules, field))]
    yield from (_unplain((field,), getattr(rules, field)) for field in wild)
    wild_bands = [band for band in rules.bands if not _plain(band.least)]
    yield from (_unplain(("bands",), band.least) for band in wild_bands)
    if not wild:
        yield from _scale(rules)
    if not wild and not wild_bands:
        yield from _bands(rules)
    if not 0 <= rules.decimals <= MOST_DECIMALS:
        yield _between("decimals", rules.decimals, 0, MOST_DECIMALS)
    if rules.least_scores < 1:
        yield Finding(("least_scores",), "at_least", str(rules.least_scores), {"least": "1"})
    trimmed = rules.measure is MeasureKind.TRIMMED_MEAN
    if rules.dropped < (1 if trimmed else 0):
        yield Finding(("dropped",), "at_least", str(rules.dropped), {"least": "1" if trimmed else "0"})
    elif trimmed and rules.least_scores <= 2 * rules.dropped:
        wanted = str(2 * rules.dropped + 1)
        yield Finding(("least_scores",), "least_scores_trimmed", str(rules.least_scores), {"least": wanted})
    if rules.secrecy is Secrecy.SECRET:
        yield Finding(("secrecy",), "secret_not_yet", rules.secrecy.value)
    if rules.display is Display.LIVE and rules.running is not Audience.ALL:
        yield Finding(("running",), "live_needs_all", rules.running.value)
    if rules.seconds is not None and not 1 <= rules.seconds <= LONGEST_COUNTDOWN:
        yield _between("seconds", rules.seconds, 1, LONGEST_COUNTDOWN)


def _between(field: str, found: int, least: int, most: int) -> Finding:
    return Finding((field,), "between", str(found), {"least": str(least), "most": str(most)})


def _plain(value: Decimal) -> bool:
    """Whether exact arithmetic on this value stays small: finite, within a million, at most six decimals."""
    return value.is_finite() and abs(value) <= GREATEST and value == value.quantize(FINEST)


def _unplain(path: Path, value: Decimal) -> Finding:
    return Finding(path, "plain_number", str(value), {"most": str(GREATEST), "decimals": "6"})


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


def _bands(rules: ScoreRules) -> Iterator[Finding]:
    if not rules.bands:
        return
    path = ("bands",)
    found = "; ".join(f"{band.name} {band.least}" for band in rules.bands)
    bounds = [band.least for band in rules.bands]
    if any(upper <= lower for upper, lower in itertools.pairwise(bounds)):
        yield Finding(path, "bands_falling", found)
    elif bounds[-1] != rules.lowest:
        yield Finding(path, "bands_reach_lowest", found, {"least": str(rules.lowest)})
    if bounds[0] > rules.highest:
        yield Finding(path, "bands_above_highest", found, {"most": str(rules.highest)})
    names = [band.name for band in rules.bands]
    if len(set(names)) < len(names):
        yield Finding(path, "band_twice", found)
    for name in names:
        yield from _text(path, name, BAND_NAME)
        if SEPARATORS.search(name):
            yield Finding(path, "band_separator", name)


def _problems(definition: Definition) -> Iterator[Finding]:
    known = {target.id for target in definition.targets}
    for index, problem in enumerate(definition.problems):
        yield from _reference(("problems", index, "target"), problem.target, known, "unknown_target")
    titles = ((problem.target, problem.title) for problem in definition.problems)
    first: dict[tuple[str, str], int] = {}
    for index, key in enumerate(titles):
        if first.setdefault(key, index) != index and key[1]:
            other = ("problems", first[key], "title")
            yield Finding(("problems", index, "title"), "problem_twice", key[1], other=other)


def _reference(path: Path, found: str, known: set[str], code: str) -> Iterator[Finding]:
    if not found:
        yield Finding(path, "missing")
    elif found not in known:
        yield Finding(path, code, found)


def _components(definition: Definition) -> Iterator[Finding]:
    components = definition.components
    if not components:
        return
    yield from _duplicates("components", "id", (component.id for component in components))
    yield from _duplicates("components", "name", (component.name for component in components))
    for index, component in enumerate(components):
        if not _plain(component.weight) or not 0 < component.weight <= WHOLE:
            yield Finding(("components", index, "weight"), "weight", str(component.weight))
    plain = all(_plain(component.weight) for component in components)
    total = sum((component.weight for component in components if plain), Decimal(0))
    if plain and total != WHOLE:
        yield Finding(("components", "weight"), "weights_total", str(total))
    own = [index for index, component in enumerate(components) if component.committee]
    if not own:
        yield Finding(("components", "committee"), "no_committee")
    for index in own[1:]:
        other = ("components", own[0], "committee")
        yield Finding(("components", index, "committee"), "second_committee", components[index].name, other=other)


def _evidence(definition: Definition) -> Iterator[Finding]:
    targets = {target.id for target in definition.targets}
    components = {component.id for component in definition.components}
    own = {component.id: component.name for component in definition.components if component.committee}
    first: dict[tuple[str, str], int] = {}
    for index, line in enumerate(definition.evidence):
        yield from _reference(("evidence", index, "target"), line.target, targets, "unknown_target")
        yield from _reference(("evidence", index, "component"), line.component, components, "unknown_component")
        if line.component in own:
            yield Finding(("evidence", index, "component"), "evidence_of_committee", own[line.component])
        if not _plain(line.score):
            yield _unplain(("evidence", index, "score"), line.score)
        elif not 0 <= line.score <= WHOLE:
            yield Finding(("evidence", index, "score"), "between", str(line.score), {"least": "0", "most": "100"})
        if first.setdefault((line.component, line.target), index) != index:
            other = ("evidence", first[line.component, line.target], "score")
            yield Finding(("evidence", index, "score"), "evidence_twice", str(line.score), other=other)
