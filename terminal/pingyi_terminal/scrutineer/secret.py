"""What a scrutineer is shown of secret rounds: the key ceremony step by step, its fingerprint, and an opening. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pingyi_protocol.client.scrutiny import Opening, Seen
from pingyi_protocol.meeting.definition import Definition, Opens, ScoreRules
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Round, Sealing
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.meeting.unsealing import openable
from pingyi_protocol.record.checkpoint import parse_note_body
from pingyi_protocol.secret.ceremony import Board, Step
from pingyi_protocol.text import Catalogue

STEPS = (Step.COMMIT, Step.REVEAL, Step.DEAL, Step.CONFIRM)


@dataclass(frozen=True, slots=True)
class TakePart:
    """Enter lets this terminal take part in the ceremony of this number."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Own:
    """What this terminal of ``person`` has worked out for itself."""

    person: str
    seen: Seen

    @property
    def board(self) -> Board | None:
        """The ceremony to be shown: one that is not done, or whose key has encrypted nothing yet."""
        meeting = self.seen.meeting
        board = meeting.ceremony if meeting is not None else None
        if meeting is None or board is None or meeting.closed is not None:
            return None
        used = any(one.sealing is not None and one.sealing.key == meeting.key for one in meeting.rounds)
        busy = meeting.live_round is not None
        return None if board.step is Step.DONE and (used or busy) else board

    @property
    def fingerprint(self) -> str:
        """The election key's, while it is to be read aloud."""
        meeting, board = self.seen.meeting, self.board
        done = board is not None and board.step is Step.DONE
        return meeting.key.fingerprint if done and meeting is not None and meeting.key is not None else ""

    @property
    def sealed(self) -> Round | None:
        """The closed secret round that is to be opened, the newest."""
        meeting = self.seen.meeting
        for one in reversed(meeting.rounds if meeting is not None and meeting.closed is None else ()):
            if one.sealed and one.phase is Phase.CLOSED and meeting is not None and meeting.round_of(one.item) is one:
                return one
        return None

    def round_of(self, opening: Opening) -> Round | None:
        """The round that an opening is about."""
        rounds = self.seen.meeting.rounds if self.seen.meeting is not None else ()
        return next((one for one in rounds if (one.item, one.number) == opening[:2]), None)


NOBODY = Own("", Seen())


def named(words: Catalogue, definition: Definition, people: Iterable[str]) -> str:
    """Return people by number and name."""
    found = ((number, definition.person(number)) for number in people)
    return words("scrutiny.and").join(f"{number} {person.name}" if person else number for number, person in found)


def ceremony_heading(words: Catalogue, own: Own, board: Board) -> str:
    """Say which ceremony this is and how far it has come."""
    attempt = board.ceremony.attempt
    if own.fingerprint:
        return words("scrutiny.key_heading")
    if board.step in STEPS:
        return words("scrutiny.ceremony_heading", attempt=attempt, step=STEPS.index(board.step) + 1, steps=len(STEPS))
    return words("scrutiny.failed_heading", attempt=attempt)


def ceremony_lines(words: Catalogue, definition: Definition, own: Own, board: Board) -> Iterator[str]:
    """Say who takes part, whom it waits for, and what this terminal does."""
    terms = board.ceremony
    people = [one.person for one in terms.scrutineers]
    holders = named(words, definition, people)
    if own.fingerprint:
        yield words("scrutiny.holders", holders=holders, threshold=terms.threshold)
        yield words("scrutiny.share_kept" if own.seen.holding else "scrutiny.share_elsewhere")
        return
    yield words("scrutiny.terms", holders=holders, threshold=terms.threshold)
    if board.step not in STEPS:
        fault = [people[board.at_fault - 1]] if board.at_fault is not None else []
        yield words("scrutiny.failed", at_fault=named(words, definition, fault))
        return
    place = STEPS.index(board.step)
    for step in STEPS:
        done = STEPS.index(step)
        mark = "done" if done < place else "now" if done == place else "later"
        yield words(f"scrutiny.mark_{mark}", step=words(f"scrutiny.step_{step}"))
    yield words("scrutiny.missing", missing=named(words, definition, (people[index - 1] for index in board.missing)))
    yield words(f"scrutiny.{part_in(own, people)}")
    if not own.seen.pinned:
        yield words("scrutiny.no_pin")


def part_in(own: Own, people: list[str]) -> str:
    """Return what this terminal's part in a ceremony under way is, as catalogues name it."""
    if own.seen.may_take_part:
        return "asked"
    if own.seen.taking_part:
        return "by_itself"
    return "other_terminal" if own.person in people else "not_named"


def opening_heading(words: Catalogue, definition: Definition, one: Round) -> str:
    """Say which round is to be opened."""
    item = definition.item(one.item)
    return words("scrutiny.opening_heading", item=one.item, title=item.title if item else "", round=one.number)


def opening_figures(words: Catalogue, one: Round) -> Iterator[tuple[int, str]]:
    """Return the turnout, and what is left once the proofs were checked."""
    yield len(one.present), words("scrutineer.present")
    yield one.received, words("scrutineer.received")
    if one.sealing is not None and one.sealing.checked:
        yield one.invalid, words("scrutineer.invalid")
        yield one.received - one.invalid, words("scrutiny.valid")


def opening_lines(words: Catalogue, definition: Definition, own: Own, one: Round, needed: int) -> Iterator[str]:
    """Say what is opened, whether it may be, and of whom a part is there; ``needed`` terminals are to cosign."""
    meeting, sealing = own.seen.meeting, one.sealing
    if meeting is None or sealing is None:
        return
    yield what_opens(words, definition, one)
    if not sealing.checked:
        yield words("scrutiny.checking")
        return
    if sealing.invalid:
        yield words("scrutiny.invalid_ballots", people=named(words, definition, sorted(sealing.invalid)))
    refused = openable(meeting, one)
    if refused is not None:
        key = "too_few" if refused.reason is Reason.TOO_FEW_BALLOTS else "void_waits"
        yield words(f"scrutiny.{key}", **({"least": "", "ballots": ""} | refused.values))
        return
    yield head_line(words, definition, one, sealing, needed)
    if sealing.basis:
        yield from part_lines(words, definition, own, sealing)
    elif (one.item, one.number) in own.seen.overridable:
        yield words("scrutiny.may_override")


def what_opens(words: Catalogue, definition: Definition, one: Round) -> str:
    """Say what comes to light, and what does not."""
    item = definition.item(one.item)
    scores = item is not None and isinstance(item.rules, ScoreRules)
    if item is not None and item.rules.opens is Opens.SUM and scores:
        return words("scrutiny.opens_sum")
    return words("scrutiny.opens_distribution" if scores else "scrutiny.opens_choices")


def head_line(words: Catalogue, definition: Definition, one: Round, sealing: Sealing, needed: int) -> str:
    """Say on which head it is opened, and who stands behind that."""
    least = needed or len(one.present) // 2 + 1
    if not sealing.basis:
        said = sealing.override
        if said is not None:
            return words("scrutiny.overridden_waits", person=named(words, definition, (said.person,)))
        return words("scrutiny.cosigning", needed=least, present=len(one.present))
    size = parse_note_body(sealing.basis).size
    if sealing.override is not None:
        person = named(words, definition, (sealing.override.person,))
        return words("scrutiny.overridden", size=size, cosigned=sealing.cosigned, needed=least, person=person)
    return words("scrutiny.cosigned", size=size, cosigned=sealing.cosigned, needed=least)


def part_lines(words: Catalogue, definition: Definition, own: Own, sealing: Sealing) -> Iterator[str]:
    """Say whose parts are there, whose were not good, and of whom none is there."""
    given = [sealing.holders[index - 1] for index in sorted(sealing.parts)]
    yield words(
        "scrutiny.parts",
        given=named(words, definition, given) or words("scrutiny.nobody"),
        count=len(given),
        threshold=sealing.key.threshold,
    )
    yield words("scrutiny.parts_missing", missing=named(words, definition, sealing.missing))
    if sealing.bad:
        yield words("scrutiny.parts_bad", bad=named(words, definition, dict.fromkeys(sealing.bad)))
    if own.person in given:
        yield words("scrutiny.given")
    elif own.person not in sealing.holders:
        yield words("scrutiny.no_share")
    elif own.seen.fault is None and not own.seen.openings and not own.seen.sent:
        yield words("scrutiny.share_elsewhere")


def key_line(words: Catalogue, meeting: Meeting | None) -> str:
    """Say the fingerprint of the key in one line, "" before there is one."""
    key = meeting.key if meeting is not None else None
    return words("scrutiny.key", fingerprint=key.fingerprint) if key is not None else ""
