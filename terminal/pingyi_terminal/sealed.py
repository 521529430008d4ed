"""Secret rounds as every screen tells of them: what one waits for, how its key is made, how far it is opened. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from pingyi_protocol.meeting.definition import Definition, Item, Opens, ScoreRules, Secrecy
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.secret.ceremony import Step
from pingyi_protocol.text import Catalogue
from pingyi_protocol.wire.picture import Ceremony, Picture, SealedRound, from_bitmap

STEPS = (Step.COMMIT, Step.REVEAL, Step.DEAL, Step.CONFIRM)
"""What a key ceremony goes through before it is done."""


class Stage(StrEnum):
    """How far a closed secret round has come."""

    CHECKING = "checking"
    TOO_FEW = "too_few"
    COSIGNING = "cosigning"
    OPENING = "opening"
    UNSEALED = "unsealed"


class Share(StrEnum):
    """How a scrutineer stands to an opening, or to a ceremony: there, awaited, no longer needed, or not good."""

    GIVEN = "given"
    AWAITED = "awaited"
    SPARE = "spare"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Holder:
    """A scrutineer by number and name, and how they stand."""

    number: str
    name: str
    share: Share


@dataclass(frozen=True, slots=True)
class Told:
    """One fact about an opening: what it is, how it stands, and whether it goes wrong."""

    label: str
    value: str
    amiss: bool = False


def is_secret(item: Item) -> bool:
    """Whether an item's ballots are secret."""
    return item.rules.secrecy is Secrecy.SECRET


def has_secret(definition: Definition) -> bool:
    """Whether anything on the agenda is voted on in secret."""
    return any(map(is_secret, definition.agenda))


def opens_key(item: Item) -> str:
    """Return the word in catalogue keys for what is opened of a secret item."""
    if not isinstance(item.rules, ScoreRules):
        return "choices"
    return "sum" if item.rules.opens is Opens.SUM else "distribution"


def secret_rules(words: Catalogue, definition: Definition, item: Item) -> tuple[str, ...]:
    """Return what is opened of a secret item, what that costs and reveals, and on what terms; none of an open one."""
    if not is_secret(item):
        return ()
    opens, terms = opens_key(item), {"least": item.rules.least_ballots, "threshold": definition.meeting.threshold}
    return words(f"sealed.opens_{opens}"), words(f"sealed.reveals_{opens}"), words("sealed.terms", **terms)


def named(words: Catalogue, definition: Definition, numbers: Iterable[str]) -> str:
    """Return people by number and name, in a row."""
    return words("sealed.comma").join(f"{one} {name_of(definition, one)}".strip() for one in numbers)


def name_of(definition: Definition, number: str) -> str:
    """Return somebody's name, "" for a number that is not on the roster."""
    person = definition.person(number)
    return person.name if person is not None else ""


def obstacle(words: Catalogue, definition: Definition, picture: Picture, item: Item) -> Refusal | None:
    """Return what the server would say if a round of this secret item were opened now, None where it would begin.

    The rule is ``pingyi_protocol.meeting.key_ceremony.not_sealable``; here it only says beforehand what will be.
    """
    reason, ceremony = held_up(picture, item), picture.secret.ceremony
    if reason is None:
        return None
    missing = ceremony.missing if ceremony is not None else ()
    return Refusal(
        reason,
        {
            "missing": named(words, definition, missing),
            "present": str(voters_of(picture, item)),
            "least": str(item.rules.least_ballots),
        },
    )


def held_up(picture: Picture, item: Item) -> Reason | None:
    """Return why no round of this secret item could be opened now, None where one could, or it is an open one."""
    if not is_secret(item):
        return None
    ceremony = picture.secret.ceremony
    if ceremony is not None and ceremony.missing:
        return Reason.CEREMONY_UNDERWAY
    if picture.secret.key is None:
        return Reason.NO_ELECTION_KEY
    return Reason.TOO_FEW_PRESENT if voters_of(picture, item) < item.rules.least_ballots else None


def voters_of(picture: Picture, item: Item) -> int:
    """Return how many of those present could vote in the next round of an item."""
    return len(from_bitmap(picture.present) - from_bitmap(picture.status(item.id).recused))


def sealed_round(picture: Picture, item: str) -> SealedRound | None:
    """Return how far the newest round of an item is opened, None where there is nothing sealed in it."""
    number = next((one.round for one in picture.items if one.item == item), 0)
    return next((one for one in picture.secret.rounds if (one.item, one.round) == (item, number)), None)


def stage_of(one: SealedRound) -> Stage:
    """Return how far a round has come."""
    if one.unsealed:
        return Stage.UNSEALED
    if not one.checked:
        return Stage.CHECKING
    if one.too_few:
        return Stage.TOO_FEW
    return Stage.OPENING if one.size else Stage.COSIGNING


def stage_words(words: Catalogue, definition: Definition, one: SealedRound) -> str:
    """Say in a few words how far a round has come."""
    return words(f"sealed.stage_{stage_of(one)}", parts=len(one.parts), threshold=definition.meeting.threshold)


def holders_of(definition: Definition, one: SealedRound) -> tuple[Holder, ...]:
    """Return who has a share of a round's key, in the order of the roster, and who has opened."""
    shares = dict.fromkeys(one.missing, Share.SPARE if one.unsealed else Share.AWAITED)
    shares |= dict.fromkeys(one.bad, Share.BAD) | dict.fromkeys(one.parts, Share.GIVEN)
    return tuple(
        Holder(each.number, each.name, shares[each.number]) for each in definition.roster if each.number in shares
    )


def opening_told(words: Catalogue, definition: Definition, one: SealedRound) -> Iterator[Told]:
    """Yield how far a round is opened: the proofs, the cosignatures, the parts; who is missing is named."""
    stage = stage_of(one)
    if stage is Stage.CHECKING:
        yield Told(words("sealed.proofs"), words("sealed.proofs_checking"))
        return
    invalid = named(words, definition, one.invalid)
    told = (
        words("sealed.proofs_invalid", count=len(one.invalid), who=invalid) if invalid else words("sealed.proofs_hold")
    )
    yield Told(words("sealed.proofs"), told, amiss=bool(invalid))
    if stage is Stage.TOO_FEW:
        return
    yield cosigning_told(words, definition, one)
    if stage is not Stage.COSIGNING:
        yield from parts_told(words, definition, one)


def cosigning_told(words: Catalogue, definition: Definition, one: SealedRound) -> Told:
    """Say how many have cosigned the head that is opened on, or who answers for it."""
    counts = {"cosigned": one.cosigned, "needed": one.needed}
    if one.overridden:
        who = named(words, definition, (one.overridden,))
        return Told(words("sealed.cosigning"), words("sealed.overridden", who=who, **counts), amiss=True)
    return Told(words("sealed.cosigning"), words("sealed.cosigned" if one.size else "sealed.cosigning_waits", **counts))


def parts_told(words: Catalogue, definition: Definition, one: SealedRound) -> Iterator[Told]:
    """Say who has opened, whose part was not good, and who has sent none."""
    counts = {"parts": len(one.parts), "threshold": definition.meeting.threshold}
    given = named(words, definition, one.parts)
    yield Told(
        words("sealed.parts"), words("sealed.parts_given" if given else "sealed.parts_none", who=given, **counts)
    )
    if one.bad:
        yield Told(words("sealed.bad"), words("sealed.bad_means", who=named(words, definition, one.bad)), amiss=True)
    if one.missing and not one.unsealed:
        yield Told(words("sealed.awaited"), named(words, definition, one.missing))


def ceremony_holders(definition: Definition, ceremony: Ceremony) -> tuple[Holder, ...]:
    """Return who takes part in a ceremony, and who is awaited in its present step."""
    over = ceremony.step is Step.FAILED
    shares = dict.fromkeys(ceremony.scrutineers, Share.SPARE if over else Share.GIVEN)
    shares |= dict.fromkeys(() if over else ceremony.missing, Share.AWAITED)
    shares |= {ceremony.at_fault: Share.BAD} if ceremony.at_fault else {}
    return tuple(Holder(one, name_of(definition, one), share) for one, share in shares.items())


def ceremony_step(words: Catalogue, ceremony: Ceremony) -> str:
    """Say which step of how many a ceremony that is under way has come to."""
    return words("sealed.wall_ceremony_step", step=STEPS.index(ceremony.step) + 1, steps=len(STEPS))


def ceremony_words(words: Catalogue, definition: Definition, ceremony: Ceremony) -> str:
    """Say how far a ceremony has come, and who is awaited or at fault."""
    if ceremony.step is Step.FAILED:
        return words("sealed.ceremony_failed", who=named(words, definition, (ceremony.at_fault,)))
    if ceremony.step is Step.DONE:
        return words("sealed.ceremony_done", attempt=ceremony.attempt)
    missing = named(words, definition, ceremony.missing)
    return words("sealed.ceremony_step", step=STEPS.index(ceremony.step) + 1, steps=len(STEPS), who=missing)


def key_told(words: Catalogue, definition: Definition, picture: Picture) -> tuple[str, ...]:
    """Say which key there is and how its ceremony stands, a sentence a line."""
    secret = picture.secret
    lines = (
        [words("sealed.fingerprint", code=secret.fingerprint)] if secret.key is not None else [words("sealed.no_key")]
    )
    if secret.ceremony is not None and secret.ceremony.step is not Step.DONE:
        lines.append(ceremony_words(words, definition, secret.ceremony))
    elif secret.key is not None:
        holders = named(words, definition, secret.holders)
        lines.append(words("sealed.holders", who=holders, threshold=secret.key.threshold))
    return tuple(lines)
