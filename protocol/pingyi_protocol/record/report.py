"""What a verification found: each reason under its step, and the facts of the record."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeVar

from pingyi_protocol.meeting.definition import TRIAL, Language
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.bundle import Identity, NotARecordError
from pingyi_protocol.record.cosignatures import Attested, Final
from pingyi_protocol.record.entry import OtherVersionError
from pingyi_protocol.record.pins import Held, key_fingerprint

MOST_REASONS = 20
"""Reasons named for each step; how many more there are is said."""

Result = TypeVar("Result")


class Step(IntEnum):
    """The steps, in their order."""

    ARCHIVE = 1
    MANIFEST = 2
    LEAVES = 3
    KEYS = 4
    HEADS = 5
    REPLAY = 6
    RECOUNT = 7
    RESULTS = 8
    WITNESSES = 9
    PINS = 10


@dataclass(frozen=True)
class Reason:
    """Why a record is not valid: the step that failed and what it found."""

    step: Step
    fault: RecordError

    def words(self, language: Language) -> str:
        """Return it in words."""
        return self.fault.words(language)


@dataclass(frozen=True)
class Facts:
    """What the record is about.

    ``key`` is the log's public key (32 bytes). ``meeting`` is what the rules give, where they could be followed.
    ``ballots`` is the number of ballots cast, those replaced later included; trial votes are not counted. ``proofs`` is
    of how many encrypted bits of secret ballots the proofs were checked. ``attested``
    says for every close how many terminals of those present vouch for it, ``final`` the same of the last head.
    """

    identity: Identity
    key: bytes
    size: int
    fingerprint: str
    meeting: Meeting
    ballots: int
    proofs: int
    attested: tuple[Attested, ...]
    final: Final

    @property
    def key_code(self) -> str:
        """The short code of the log's key."""
        return key_fingerprint(self.key)

    @property
    def rounds(self) -> int:
        """How many rounds there were."""
        return sum(one.item != TRIAL.id for one in self.meeting.rounds)

    @property
    def announced(self) -> int:
        """How many rounds have been announced."""
        return sum(one.phase is Phase.ANNOUNCED for one in self.meeting.rounds)


@dataclass
class Report:
    """What a verification found: ``reasons`` against the record, the steps ``reached``, its facts, the pins that hold.

    ``unnamed`` counts the reasons of a step beyond those that are named.
    """

    reasons: list[Reason] = field(default_factory=list)
    unnamed: Counter[Step] = field(default_factory=Counter)
    reached: set[Step] = field(default_factory=set)
    facts: Facts | None = None
    pins: list[Held] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether every step was reached and none found anything."""
        return not self.reasons and self.reached == set(Step)

    @property
    def consistent(self) -> bool:
        """Whether the record is valid in itself, whatever is held against it."""
        return self.reached == set(Step) and all(reason.step is Step.PINS for reason in self.reasons)

    @property
    def other_version(self) -> bool:
        """Whether all that is wrong is that another version of Pingyi wrote the record: this one cannot judge it."""
        faults = [reason.fault.values.get("fault") for reason in self.reasons]
        return bool(faults) and all(isinstance(fault, OtherVersionError) for fault in faults)

    @property
    def misfits(self) -> list[RecordError]:
        """Why it is not the record from which that is which is held against it."""
        return [reason.fault for reason in self.reasons if reason.step is Step.PINS]

    def passed(self, step: Step) -> bool:
        """Whether this step was reached and found nothing."""
        return step in self.reached and all(reason.step is not step for reason in self.reasons)

    def attempt(self, step: Step, work: Callable[[], Result]) -> Result | None:
        """Return what ``work`` gives; None, and the reason noted, when it fails."""
        self.reached.add(step)
        try:
            return work()
        except NotARecordError:
            raise
        except RecordError as fault:
            self.add(step, fault)
            return None

    def note(self, step: Step, faults: Iterable[RecordError]) -> None:
        """Note each fault of a step."""
        self.reached.add(step)
        for fault in faults:
            self.add(step, fault)

    def add(self, step: Step, fault: RecordError) -> None:
        """Note one fault; beyond a limit they are only counted."""
        if sum(reason.step is step for reason in self.reasons) < MOST_REASONS:
            # a traceback would keep alive all that the failing step had at hand
            self.reasons.append(Reason(step, fault.with_traceback(None)))
        else:
            self.unnamed[step] += 1
