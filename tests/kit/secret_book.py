"""A playbook of secret rounds: a key is made, members seal their ballots, the server checks, scrutineers open."""

from collections.abc import Callable
from typing import Self

import msgspec

from kit.every_kind import hall
from kit.playbook import ORIGIN, Playbook
from kit.secret_hall import drawing
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.commands import Answer, BeginCeremony, CastSecret, OpenPart, OverrideCosigning
from pingyi_protocol.meeting.definition import Definition, Item, Opens, Person, Role, Secrecy
from pingyi_protocol.meeting.events import CeremonyBegun, OpeningBegun
from pingyi_protocol.meeting.model import Principal, Round
from pingyi_protocol.meeting.sealed import lines_in, questions_of, sums_of
from pingyi_protocol.meeting.sealed_ballots import ballots_checked
from pingyi_protocol.meeting.unsealing import openable, opening_begun
from pingyi_protocol.record.checkpoint import Checkpoint, cosign
from pingyi_protocol.record.entry import encode_entry
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.secret.ballot import cast_ballot
from pingyi_protocol.secret.ceremony import Step
from pingyi_protocol.secret.dealing import Dealer, KeyShare, begin, respond, take_share
from pingyi_protocol.secret.messages import Ceremony, Message, Scrutineer
from pingyi_protocol.secret.opening import Openings, decrypt_part
from pingyi_protocol.secret.sheet import marks_of

change = msgspec.structs.replace
OPENERS = ("M02", "M03", "M04")
Mend = Callable[[Message], Message]


def secretly(item: Item, opens: Opens = Opens.SUM, **rules: object) -> Item:
    """Return the item with secret ballots; bands go, which a sum does not tell."""
    quiet: dict[str, object] = {"display": "on_announcement", "running": "nobody", "least_ballots": 3}
    changed = {"secrecy": Secrecy.SECRET, "opens": opens} | quiet | rules
    if opens is Opens.SUM and hasattr(item.rules, "bands"):
        changed["bands"] = ()
    rules_now = msgspec.convert(
        msgspec.to_builtins(item.rules) | {name: msgspec.to_builtins(value) for name, value in changed.items()},
        type(item.rules),
    )
    return change(item, rules=rules_now)


def secret_hall(*items: Item, members: int = 6) -> Definition:
    """A meeting of so many members, with three scrutineers, M03 the chief, two of whom can open."""
    plain = hall(*items, members=members)
    more: tuple[Person, ...] = tuple(
        change(one, roles=(Role.MEMBER, Role.SCRUTINEER)) if one.number == "M04" else one for one in plain.roster
    )
    return change(plain, roster=more)


class SecretBook(Playbook):
    """A meeting with secret rounds. ``dealers`` are the scrutineers' own parts in a ceremony, ``shares`` its yield."""

    def __init__(self, definition: Definition) -> None:
        super().__init__(definition)
        self.dealers: dict[str, Dealer] = {}
        self.shares: dict[str, KeyShare] = {}
        self.memory: dict[str, Openings] = {}

    # the ceremony

    def begin_ceremony(self, *people: str) -> Self:
        """The clerk begins it, for these scrutineers."""
        for person in people:
            if Principal(person, Role.SCRUTINEER) not in self.keys:
                self.enrol(person, Role.SCRUTINEER)
        keys = [(person, self.keys[Principal(person, Role.SCRUTINEER)]) for person in people]
        terms = tuple(Scrutineer(person, public_text(key)) for person, key in keys)
        self.clerk(BeginCeremony(self.meeting.attempts + 1, 2, terms))
        begun = self.outcome
        if isinstance(begun, CeremonyBegun):
            ceremony = Ceremony(ORIGIN, begun.attempt, begun.threshold, begun.scrutineers)
            seed = f"{{}} deals {begun.attempt}"
            self.dealers = {person: begin(ceremony, key, drawing(seed.format(person))) for person, key in keys}
        return self

    def says(self, person: str) -> Message:
        """Return what this scrutineer's terminal answers to the ceremony as it stands."""
        board = self.meeting.ceremony
        assert board is not None
        answer = respond(self.dealers[person], board, self.keys[Principal(person, Role.SCRUTINEER)])
        assert answer is not None
        self.dealers[person], message = answer
        return message

    def answers(self, *people: str, mend: Mend = lambda message: message) -> Self:
        """Each of them says what is awaited."""
        for person in people:
            self.say(Principal(person, Role.SCRUTINEER), mend(self.says(person)))
        return self

    def make_key(self, *people: str) -> Self:
        """Let these scrutineers (three, unless told) make a key, and take their shares."""
        openers = people or OPENERS
        self.begin_ceremony(*openers)
        for _ in (Step.COMMIT, Step.REVEAL, Step.DEAL, Step.CONFIRM):
            self.answers(*openers)
        board = self.meeting.ceremony
        assert board is not None
        self.shares = {person: take_share(dealer, board)[1] for person, dealer in self.dealers.items()}
        return self

    # ballots

    def sealed(self, person: str, *answers: Answer, draw: str = "") -> CastSecret:
        """Return a member's ballot for the newest round."""
        one = self.newest
        item, key = self.meeting.items[one.item], bytes(self.key_of(person))
        lines, asked = lines_in(item, one.candidates, one.places), questions_of(self.meeting, one)
        drawn = drawing(draw or f"{person} casts {self.sent}")
        texts = (
            cast_ballot(question, key, marks_of(item, line, answers, one.candidates), drawn)
            for line, question in zip(lines, asked, strict=True)
        )
        return CastSecret(one.item, one.number, tuple(texts))

    def key_of(self, person: str) -> bytes:
        """The public key of a member's device."""
        principal = Principal(person, Role.MEMBER)
        if principal not in self.keys:
            self.enrol(person)
        return bytes(self.keys[principal].verify_key)

    def seal(self, person: str, *answers: Answer) -> Self:
        """A member casts a secret ballot of these answers in the newest round."""
        return self.member(person, self.sealed(person, *answers))

    # what the server does by itself

    def check(self) -> Self:
        """The server has checked the proofs of the newest round."""
        return self.own(ballots_checked(self.meeting, self.newest))

    def root(self, size: int = 0) -> str:
        """The root (base64) of the first leaves, all unless told."""
        log = MerkleLog()
        for entry in self.entries[: size or len(self.entries)]:
            log.append(leaf_hash(encode_entry(entry)))
        return Checkpoint(ORIGIN, log.size, log.root()).note_body.split("\n")[2]

    def cosigned(self, *people: str, one: Round | None = None) -> OpeningBegun | None:
        """What it comes to for a round, the newest, that these members' terminals have cosigned the head as it is."""
        size, root = len(self.entries), self.root()
        body = f"{ORIGIN}\n{size}\n{root}\n"
        lines = []
        for person in people:
            device = self.meeting.sessions[Principal(person, Role.MEMBER)]
            lines.append(cosign(body, self.keys[Principal(person, Role.MEMBER)], f"{ORIGIN}/{device}", 1))
        return self.begun(size, root, *lines, one=one)

    def begun(self, size: int, root: str, *lines: str, one: Round | None = None) -> OpeningBegun | None:
        """What these cosignatures of a head come to for a round, the newest unless told."""
        one = one or self.newest
        sums = () if openable(self.meeting, one) else sums_of(self.meeting, one)
        return opening_begun(self.meeting, one, size, root, lines, sums)

    def begin_opening(self, *people: str) -> Self:
        """So many have cosigned that the newest round may be opened: all who are present, unless told."""
        return self.own(self.cosigned(*(people or sorted(self.newest.present))))

    def begin_overridden(self) -> Self:
        """The opening begins on the head that a scrutineer answers for."""
        said = self.newest.sealing.override if self.newest.sealing else None
        return self.own(self.begun(said.size, said.root) if said else None)

    # the opening

    def override(self, person: str, reason: str = "两台终端断线") -> Self:
        """A scrutineer answers for a head that too few have cosigned."""
        one = self.newest
        body = OverrideCosigning(one.item, one.number, len(self.entries), self.root(), reason)
        return self.acting(Principal(person, Role.SCRUTINEER), body)

    def parts(self, person: str, one: Round | None = None) -> OpenPart:
        """Return a scrutineer's part of opening a round, the newest unless told."""
        found = one or self.newest
        assert found.sealing is not None
        texts, memory = [], self.memory.get(person, Openings())
        for place, count in enumerate(found.sealing.counts):
            drawn = drawing(f"{person} opens {found.item} {found.number} {place}")
            memory, part = decrypt_part(count, found.sealing.key, self.shares[person], memory, drawn)
            texts.append(part.text)
        self.memory[person] = memory
        return OpenPart(found.item, found.number, tuple(texts))

    def opens(self, *people: str) -> Self:
        """Each of them sends a part."""
        for person in people:
            self.acting(Principal(person, Role.SCRUTINEER), self.parts(person))
        return self

    def unseal(self) -> Self:
        """Check, cosign and open the newest round, which is closed."""
        return self.check().begin_opening().opens("M02", "M03")
