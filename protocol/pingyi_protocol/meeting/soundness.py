"""Whether a definition makes sense: every check that needs no file, so that a loader can map each finding to a cell.

A finding says where (a path into the definition), what was found and, by a stable code with values, what is
wanted. The words of the codes stand in the catalogue of whoever shows them. Nothing here stops at the first finding.
"""

import re
from collections.abc import Hashable, Iterable, Iterator

from pingyi_protocol.keys.enrolment_code import (
    MOST_ADDRESSES,
    MOST_PERSON_BYTES,
    address_bytes,
    address_room,
    is_address,
)
from pingyi_protocol.meeting.component_soundness import components_findings
from pingyi_protocol.meeting.definition import (
    TRIAL,
    Definition,
    Item,
    MeetingFacts,
    MotionRules,
    Person,
    Role,
    ScoreRules,
    Secrecy,
)
from pingyi_protocol.meeting.findings import (
    Finding,
    Path,
    TextRule,
    share_findings,
    text_findings,
)
from pingyi_protocol.meeting.rule_soundness import rules_findings
from pingyi_protocol.secret.messages import LEAST_THRESHOLD, MOST_SCRUTINEERS

HIGHEST_PORT = 65535
PORTS = 4
LONGEST_CHECK_IN = 24 * 60

SEAT = re.compile(r"[0-9]{1,3}-[0-9]{1,3}")
DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


NUMBER = TextRule("number", 20)
TEXTS: dict[str, tuple[TextRule, ...]] = {
    "roster": (NUMBER, TextRule("name", 60), TextRule("group", 40, required=False)),
    "targets": (TextRule("name", 100), TextRule("short_name", 30, required=False)),
    "agenda": (TextRule("id", 20), TextRule("title", 200)),
    "problems": (
        TextRule("title", 300),
        TextRule("goal", 2000, required=False, lines=True),
        TextRule("measures", 2000, required=False, lines=True),
        TextRule("responsible", 60, required=False),
        TextRule("report", 4000, required=False, lines=True),
    ),
}
MEETING_TEXTS = (
    TextRule("name", 120),
    TextRule("session", 120),
    TextRule("programme", 120, required=False),
    TextRule("batch", 60, required=False),
    TextRule("follows", 64, required=False),
)


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
        *components_findings(definition),
    ]


def _meeting(meeting: MeetingFacts) -> Iterator[Finding]:
    for rule in MEETING_TEXTS:
        yield from text_findings(("meeting", rule.field), getattr(meeting, rule.field), rule)
    if not DATE.fullmatch(meeting.date):
        yield Finding(("meeting", "date"), "date", meeting.date)
    yield from share_findings(("meeting", "quorum"), meeting.quorum)
    minutes = meeting.check_in_minutes
    if minutes is not None and not 1 <= minutes <= LONGEST_CHECK_IN:
        values = {"least": "1", "most": str(LONGEST_CHECK_IN)}
        yield Finding(("meeting", "check_in_minutes"), "between", str(minutes), values)
    if not LEAST_THRESHOLD <= meeting.threshold <= MOST_SCRUTINEERS:
        values = {"least": str(LEAST_THRESHOLD), "most": str(MOST_SCRUTINEERS)}
        yield Finding(("meeting", "threshold"), "between", str(meeting.threshold), values)
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
                yield from text_findings((table, index, rule.field), getattr(line, rule.field), rule)


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
        if person.chief and Role.SCRUTINEER not in person.roles:
            yield Finding(("roster", index, "chief"), "chief_is_scrutineer", person.name)
        if person.entitled and Role.MEMBER not in person.roles:
            yield Finding(("roster", index, "roles"), "voter_is_member", ", ".join(person.roles))
    chairs = [index for index, person in enumerate(roster) if Role.CHAIR in person.roles]
    for index in chairs[1:]:
        yield Finding(
            ("roster", index, "roles"), "second_chair", roster[index].name, other=("roster", chairs[0], "roles")
        )
    chiefs = [index for index, person in enumerate(roster) if person.chief]
    for index in chiefs[1:]:
        yield Finding(
            ("roster", index, "chief"), "second_chief", roster[index].name, other=("roster", chiefs[0], "chief")
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
        for finding in rules_findings(item):
            yield Finding(("agenda", index, *finding.path), finding.code, finding.found, finding.values)
        if item.rules.confirmed and not any(Role.SCRUTINEER in person.roles for person in definition.roster):
            yield Finding(("agenda", index, "rules", "confirmed"), "no_scrutineer")
        yield from _openers(definition, index, item)
        # with components, the committee's own score of a target must come from one item
        scored = bool(definition.components) and isinstance(item.rules, ScoreRules)
        for target in dict.fromkeys(item.targets) if scored else ():
            if target in known and target in scored_in:
                other = ("agenda", scored_in[target], "targets")
                name = definition.target(target).name
                yield Finding(("agenda", index, "targets"), "target_in_two_items", name, other=other)
            scored_in.setdefault(target, index)


def _openers(definition: Definition, index: int, item: Item) -> Iterator[Finding]:
    """Find a secret item for whose opening there are too few scrutineers."""
    there = sum(Role.SCRUTINEER in person.roles for person in definition.roster)
    if item.rules.secrecy is Secrecy.SECRET and there < definition.meeting.threshold:
        values = {"needed": str(definition.meeting.threshold), "there": str(there)}
        yield Finding(("agenda", index, "rules", "secrecy"), "secret_scrutineers", item.rules.secrecy.value, values)


def _item_targets(index: int, item: Item, known: dict[str, str]) -> Iterator[Finding]:
    path = ("agenda", index, "targets")
    if item.id == TRIAL.id:
        yield Finding(("agenda", index, "id"), "trial_is_reserved", item.id)
    motion = isinstance(item.rules, MotionRules)
    if not item.targets and not motion:
        yield Finding(path, "missing")
    if item.targets and motion:
        yield Finding(path, "motion_has_no_targets", ", ".join(item.targets))
    for target in dict.fromkeys(item.targets):
        if target not in known:
            yield Finding(path, "unknown_target", target)
        if item.targets.count(target) > 1:
            yield Finding(path, "target_twice", known.get(target, target))


def _problems(definition: Definition) -> Iterator[Finding]:
    known = {target.id for target in definition.targets}
    for index, problem in enumerate(definition.problems):
        yield from _reference(("problems", index, "target"), problem.target, known, "unknown_target")
        if problem.deadline and not DATE.fullmatch(problem.deadline):
            yield Finding(("problems", index, "deadline"), "date", problem.deadline)
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
