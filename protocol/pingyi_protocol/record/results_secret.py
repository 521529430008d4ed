"""What the results say of a secret round beside its figures: how it was held, and by whom it was opened."""

from pingyi_protocol.meeting.definition import Definition, Item
from pingyi_protocol.meeting.model import Override, Round
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.record.checkpoint import parse_note_body


class Signer(Struct, frozen=True):
    """A scrutineer who signed something, or has a share of the key."""

    number: str
    name: str


class InvalidMember(Struct, frozen=True):
    """A member of whom no ballot holds, and the key of what is wrong with the newest."""

    number: str
    name: str
    fault: str


class OpenedOn(Struct, frozen=True):
    """The head on which a round is opened: ``size`` leaves under ``root`` (base64)."""

    size: int
    root: str


class Overridden(Struct, frozen=True):
    """The scrutineer who answers for opening the round on this head, whoever has cosigned it, and why."""

    number: str
    name: str
    size: int
    root: str
    reason: str


class SecretRound(Struct, frozen=True):
    """How a secret round was held.

    ``opens`` is what of its scores is opened, if at least ``least_ballots`` are valid. ``key`` is the fingerprint of
    the election key, of whose shares the ``holders``, in the order of their indices, have one each and ``threshold``
    are needed. Once the proofs are ``checked``, ``invalid`` are the members without a valid ballot, in the order of the
    roster. ``head`` is that on which it is opened, ``cosigned`` by the terminals of so many who were present;
    ``overridden`` is the last word that it be opened on a head whoever cosigns. ``parts`` are whose parts are good, in
    the order of the holders, ``bad`` whose were not, each once; ``unsealed`` once the totals are out.
    """

    opens: str
    least_ballots: int
    key: str
    threshold: int
    holders: tuple[Signer, ...]
    checked: bool
    invalid: tuple[InvalidMember, ...]
    head: OpenedOn | None
    cosigned: int
    overridden: Overridden | None
    parts: tuple[Signer, ...]
    bad: tuple[Signer, ...]
    unsealed: bool


def secret_round(definition: Definition, item: Item, one: Round) -> SecretRound | None:
    """Return how a secret round was held, as far as it came; None for another, and for a result by hand."""
    sealing = one.sealing
    if sealing is None:
        return None
    said = sealing.override
    return SecretRound(
        opens=item.rules.opens.value,
        least_ballots=item.rules.least_ballots,
        key=sealing.key.fingerprint,
        threshold=sealing.key.threshold,
        holders=tuple(signer(definition, person) for person in sealing.holders),
        checked=sealing.checked,
        invalid=tuple(
            InvalidMember(person.number, person.name, sealing.invalid[person.number])
            for person in definition.roster
            if person.number in sealing.invalid
        ),
        head=opened_on(sealing.basis),
        cosigned=sealing.cosigned,
        overridden=None if said is None else overridden(definition, said),
        parts=tuple(
            signer(definition, person)
            for index, person in enumerate(sealing.holders, start=1)
            if index in sealing.parts
        ),
        bad=tuple(signer(definition, person) for person in dict.fromkeys(sealing.bad)),
        unsealed=sealing.unsealed,
    )


def signer(definition: Definition, number: str) -> Signer:
    """Return somebody by number and name."""
    person = definition.person(number)
    return Signer(number, person.name if person is not None else "")


def overridden(definition: Definition, said: Override) -> Overridden:
    """Return who answers for which head, and why."""
    who = signer(definition, said.person)
    return Overridden(who.number, who.name, said.size, said.root, said.reason)


def opened_on(basis: str) -> OpenedOn | None:
    """Return the head on which a round is opened, None before that."""
    if not basis:
        return None
    return OpenedOn(parse_note_body(basis).size, basis.split("\n")[2])
