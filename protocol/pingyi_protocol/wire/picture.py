"""A terminal's picture of the meeting: one snapshot, then numbered updates of the parts that changed.

The parts hold whole values, not differences, so an update that comes late or twice can do no harm, and only a
gap in the numbers asks for a new snapshot. Who is present and who has voted travel as bitmaps in roster order.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256

import msgspec
from msgspec import UNSET, UnsetType

from pingyi_protocol.meeting.commands import BeginCeremony, ConfirmRound, CountersignCode, CountersignVoid
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.figures import CompositeLine, RoundFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.secret.ceremony import ElectionKey, Step

ONE = ord("1")


def to_bitmap(places: Iterable[int]) -> str:
    """Return base64 of a bitmap with these bits set; bit 0 is the lowest bit of the first byte."""
    marked = list(places)
    # one assignment a place, and the packing in C: twenty times a second of 3000 people
    digits = bytearray(b"0" * (max(marked, default=-1) + 1))
    for place in marked:
        digits[place] = ONE
    bits = int(digits[::-1] or b"0", 2)
    return b64encode(bits.to_bytes(-(-len(digits) // 8), "little")).decode()


def from_bitmap(bitmap: str) -> frozenset[int]:
    """Return the places whose bits are set."""
    return frozenset(
        8 * index + bit for index, byte in enumerate(b64decode(bitmap)) if byte for bit in range(8) if byte >> bit & 1
    )


def digest(definition: Definition) -> str:
    """Return the SHA-256 (hex) of the definition's JSON, by which pictures name it."""
    return sha256(msgspec.json.encode(definition)).hexdigest()


class ItemStatus(Struct, frozen=True):
    """Where one agenda item stands, and its latest round (0: none yet).

    ``reason`` is why that is void, or the item withdrawn. ``recused`` is a bitmap over the roster of those who are
    recused from its next round.
    """

    item: str
    phase: Phase
    round: int
    reason: str = ""
    recused: str = ""


class LiveRound(Struct, frozen=True):
    """The round that was opened last.

    ``remaining`` milliseconds at the picture's ``clock``, None without a countdown. ``present`` and ``voted``
    are bitmaps over the roster: who counts as present for the round, and who has a ballot in it; so is ``recused``,
    of those who do not vote in it, present or not. ``base`` is the number that ballots are counted against. ``running``
    are the figures so far, where the item lets everybody see them. ``candidates`` stand for ``places`` in a selection.
    ``unconfirmed``: it is closed, and a scrutineer has to sign the count. ``manual`` is why the clerk entered the
    result by hand, "" where ballots are cast. ``key`` is what the ballots of a secret round are encrypted to.
    """

    item: str
    round: int
    phase: Phase
    remaining: int | None
    present: str
    voted: str
    received: int
    recused: str
    base: int
    running: RoundFigures | None = None
    candidates: tuple[str, ...] = ()
    places: int = 0
    unconfirmed: bool = False
    manual: str = ""
    key: ElectionKey | None = None


class Head(Struct, frozen=True):
    """The ledger's head: its size, its short fingerprint, and its root (base64), from which proofs are asked for."""

    size: int = 0
    fingerprint: str = ""
    root: str = ""


class Continuing(Struct, frozen=True):
    """An older copy of the record was put back: its first ``size`` leaves with this ``root`` (base64).

    ``reason`` is the clerk's, and the chair's once it is ``declared``. Nothing is taken before a scrutineer has
    countersigned.
    """

    size: int
    root: str
    reason: str
    declared: bool


class Watch(Struct, frozen=True):
    """What a terminal needs to watch the record.

    ``cosign`` is the size of the head that every terminal is to cosign now (0: none). ``officers`` are the leaves on
    which the devices of chair and scrutineers were enrolled that speak now, ``continued`` those of the declarations
    of lawful continuations.
    """

    cosign: int = 0
    officers: tuple[int, ...] = ()
    continued: tuple[int, ...] = ()
    continuing: Continuing | None = None


class Ceremony(Struct, frozen=True):
    """How far the newest key ceremony has come: the ``step`` it waits in, and for whom, by their numbers.

    ``at_fault`` is who dealt a bad share, "" for nobody.
    """

    attempt: int
    threshold: int
    scrutineers: tuple[str, ...]
    step: Step
    missing: tuple[str, ...] = ()
    at_fault: str = ""


class SealedRound(Struct, frozen=True):
    """How far the opening of a closed secret round has come that is not announced.

    ``invalid`` are the members none of whose ballots holds, known once the proofs are ``checked``. ``size`` is that of
    the head to be opened on (0: not begun), ``cosigned`` by so many of those present, ``needed`` of whom it takes, or
    answered for by ``overridden``. ``parts`` are the scrutineers whose part is there, ``bad`` those whose part was not
    good, ``missing`` those who have sent none; ``unsealed`` once the totals are out. ``too_few``: it can never be
    opened, for want of valid ballots.
    """

    item: str
    round: int
    checked: bool = False
    invalid: tuple[str, ...] = ()
    too_few: bool = False
    size: int = 0
    cosigned: int = 0
    needed: int = 0
    overridden: str = ""
    parts: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unsealed: bool = False


class Secret(Struct, frozen=True):
    """Of secret rounds: the key they are encrypted to and who has its shares, its ceremony, and what is being opened.

    ``key`` is for the rounds to come; ``fingerprint`` its short code, which every screen shows. A round that is under
    way keeps its own.
    """

    key: ElectionKey | None = None
    fingerprint: str = ""
    holders: tuple[str, ...] = ()
    ceremony: Ceremony | None = None
    rounds: tuple[SealedRound, ...] = ()


class Picture(Struct, frozen=True):
    """What every enrolled terminal may see.

    ``epoch`` names one run of the server's publisher and ``sequence`` counts its updates. ``definition`` is
    the SHA-256 of the definition that names people and items. ``clock`` is the meeting's clock in milliseconds.
    ``present`` is a bitmap over the roster, and so are those who ``left`` early and those who are ``excused``;
    ``check_in`` is how many milliseconds of the check-in's window are left at ``clock``, None while it is not open or
    where there is none; ``check_in_over`` once it was open and is no more. ``seats`` is where moved members sit,
    ``published`` the figures that the hall may see, in the order in which their rounds were opened. ``recording`` is
    False while the server cannot write the record: commands are then answered as unavailable, and sent again later by
    their senders. ``closed`` once the meeting is: ``head`` is then the final one. ``recess``: the chair has called a
    break, which is not on the record. ``composite`` once it has been announced, while it stands. ``secret`` is what
    belongs to secret rounds.
    """

    epoch: str
    sequence: int
    clock: int
    definition: str
    head: Head
    present: str
    seats: dict[str, str]
    items: tuple[ItemStatus, ...]
    live: LiveRound | None
    published: tuple[RoundFigures, ...]
    recording: bool = True
    watch: Watch = Watch()
    left: str = ""
    excused: str = ""
    check_in: int | None = None
    check_in_over: bool = False
    closed: bool = False
    recess: bool = False
    composite: tuple[CompositeLine, ...] = ()
    secret: Secret = Secret()

    def status(self, item: str) -> ItemStatus:
        """Return where this item stands; KeyError if there is none."""
        for one in self.items:
            if one.item == item:
                return one
        raise KeyError(item)

    def figures(self, item: str) -> RoundFigures | None:
        """Return the newest published figures of this item."""
        return next((one for one in reversed(self.published) if one.item == item), None)


class Update(Struct, frozen=True, omit_defaults=True):
    """The parts of the picture that changed since ``sequence - 1`` of the same epoch."""

    epoch: str
    sequence: int
    clock: int
    definition: str | UnsetType = UNSET
    head: Head | UnsetType = UNSET
    present: str | UnsetType = UNSET
    seats: dict[str, str] | UnsetType = UNSET
    items: tuple[ItemStatus, ...] | UnsetType = UNSET
    live: LiveRound | UnsetType | None = UNSET
    published: tuple[RoundFigures, ...] | UnsetType = UNSET
    recording: bool | UnsetType = UNSET
    watch: Watch | UnsetType = UNSET
    left: str | UnsetType = UNSET
    excused: str | UnsetType = UNSET
    check_in: int | UnsetType | None = UNSET
    check_in_over: bool | UnsetType = UNSET
    closed: bool | UnsetType = UNSET
    composite: tuple[CompositeLine, ...] | UnsetType = UNSET
    recess: bool | UnsetType = UNSET
    secret: Secret | UnsetType = UNSET


PARTS = (
    "definition",
    "head",
    "present",
    "seats",
    "items",
    "live",
    "published",
    "recording",
    "watch",
    "left",
    "excused",
    "check_in",
    "check_in_over",
    "closed",
    "composite",
    "recess",
    "secret",
)


class Backstage(Struct, frozen=True):
    """What only chair, clerk and scrutineers see.

    ``connected`` is a bitmap over the roster of those whose terminals answer; ``running`` the figures so far
    where the item lets the chair see them. ``confirming`` and ``voiding`` are what a scrutineer is to sign now,
    ``codes`` what the chair is to sign before members who have been here can enrol another device. ``calling`` is a
    bitmap over the roster of those who call the clerk to their seats. ``composite`` is as it stands, announced or not.
    ``ceremony`` would begin the next key ceremony with everybody who can take part, None while none can be begun;
    ``answering`` is a bitmap over the roster of the scrutineers whose terminals answer.
    """

    connected: str
    running: RoundFigures | None
    confirming: ConfirmRound | None = None
    voiding: tuple[CountersignVoid, ...] = ()
    codes: tuple[CountersignCode, ...] = ()
    calling: str = ""
    composite: tuple[CompositeLine, ...] = ()
    ceremony: BeginCeremony | None = None
    answering: str = ""


def difference(earlier: Picture, later: Picture) -> Update:
    """Return the update that turns ``earlier`` into ``later``."""
    changed = {part: getattr(later, part) for part in PARTS if getattr(earlier, part) != getattr(later, part)}
    return Update(later.epoch, later.sequence, later.clock, **changed)


def updated(picture: Picture, update: Update) -> Picture | None:
    """Return the picture after ``update``; None if updates are missing in between (ask for a snapshot).

    An update that is already in the picture leaves it as it is.
    """
    if update.epoch != picture.epoch or update.sequence > picture.sequence + 1:
        return None
    if update.sequence <= picture.sequence:
        return picture
    parts = {part: getattr(update, part) for part in PARTS if getattr(update, part) is not UNSET}
    return msgspec.structs.replace(picture, sequence=update.sequence, clock=update.clock, **parts)
