"""A scrutineer's part in secret rounds, beside a session: follow the record, help make the key, help open a round.

It trusts the server in nothing: what it answers to a ceremony, and the sums that it opens, are those of the record that
it has followed itself. Whatever it may not forget is in its strongbox before a word of it goes out. The scrutineer says
once that the terminal is to take part in a ceremony, and once for each round that it is to be opened.
"""

import asyncio
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from pingyi_protocol.client.following import Follower, FollowingError, OtherRecordError, begun_anew
from pingyi_protocol.client.keeping import Link
from pingyi_protocol.client.session import Session
from pingyi_protocol.keys.discreet import Discreet
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.keys.vault import Strongbox, VaultError
from pingyi_protocol.meeting.commands import Command, OpenPart, OverrideCosigning
from pingyi_protocol.meeting.confirmation import chief_scrutineer
from pingyi_protocol.meeting.definition import Secrecy
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.meeting.unsealing import not_behind_the_close, openable
from pingyi_protocol.secret import SecretError
from pingyi_protocol.secret.ceremony import Board, Step
from pingyi_protocol.secret.dealing import Dealer, KeyShare, begin, respond, take_share
from pingyi_protocol.secret.messages import CommitToKey, ConfirmKey, DealShares, DisputeShare, RevealKey
from pingyi_protocol.secret.opening import OpeningError, Openings, decrypt_part
from pingyi_protocol.wording import WordedError

LOOK_SECONDS = 0.05
"""How often it looks whether the record has grown, or something is to be said."""

SAID = (CommitToKey, RevealKey, DealShares, ConfirmKey, DisputeShare, OpenPart)
"""What is said anew after a restart, from the record and the strongbox."""


class Kept(Discreet, frozen=True):
    """What a scrutineer's terminal may not forget, nor anybody read.

    ``dealer`` is its part in a ceremony that is under way, ``attempt`` the number of the last one that it took part in,
    ``share`` what it has of the key that was made last, ``openings`` what it has helped to open.
    """

    dealer: Dealer | None = None
    attempt: int = 0
    share: KeyShare | None = None
    openings: Openings = Openings()


class Opening(NamedTuple):
    """A round that waits for this scrutineer's part: the same only as long as what would be opened is the same."""

    item: str
    round: int
    digests: tuple[str, ...]


class Seen(NamedTuple):
    """What a scrutiny shows its screen.

    ``size`` leaves of the record were followed, ``behind`` are still to be. ``taking_part``: this terminal has its part
    in the ceremony on the board; ``may_take_part``: it could have. ``holding``: it has a share of the key that stands.
    ``openings`` wait for its part, ``sent`` are on their way, ``busy`` while one is worked out. ``overridable`` are the
    rounds, by item and number, that may be opened though too few cosign. ``mishap`` is why nothing was done.
    ``pinned``: the keys, and so the share, rest under a PIN.
    """

    meeting: Meeting | None = None
    fault: WordedError | None = None
    size: int = 0
    behind: int = 0
    taking_part: bool = False
    may_take_part: bool = False
    holding: bool = False
    openings: tuple[Opening, ...] = ()
    sent: tuple[Opening, ...] = ()
    busy: bool = False
    overridable: tuple[tuple[str, int], ...] = ()
    mishap: WordedError | OSError | None = None
    pinned: bool = True


class Scrutiny:
    """The part of ``session``'s person. ``fault`` is what does not hold: then nothing is said and nothing opened.

    ``meeting`` is as the record that was followed gives it, None before it was read to its end for the first time.
    ``mishap`` is why the last thing that was asked for was not done.
    """

    def __init__(
        self, session: Session, strongbox: Strongbox, changed: Callable[[], None], *, pinned: bool = True
    ) -> None:
        """Take up what was kept. VaultError when it cannot be read, OSError.

        ``changed`` is called, on the event loop, when what was followed or is to be done is new.
        """
        self.session = session
        self.strongbox = strongbox
        self.changed = changed
        self.pinned = pinned
        facts = session.facts
        self.person = facts.person
        self.follower = Follower(facts.origin, facts.log_key)
        self.epoch = ""
        self.meeting: Meeting | None = None
        self.own_fault: WordedError | None = None
        self.mishap: WordedError | OSError | None = None
        self.busy = False
        self.said: set[tuple[int, Step]] = set()
        self.answered: Board | None = None
        data = strongbox.read()
        try:
            self.kept = Kept() if data is None else msgspec.json.decode(data, type=Kept)
        except ValueError as error:
            raise VaultError("vault.damaged", file="") from error

    async def run(self) -> None:
        """Follow and answer until cancelled."""
        try:
            while True:
                if not await self.look() and not await asyncio.to_thread(self.follower.ahead):
                    await asyncio.sleep(LOOK_SECONDS)
        finally:
            # a leaf that is being followed in its thread ends without its workers
            self.follower.close()

    @property
    def fault(self) -> WordedError | None:
        """What does not hold, None while all does."""
        return self.follower.fault or self.own_fault

    @property
    def wanted(self) -> bool:
        """Whether the meeting has secret items at all, and the server one record that it may be asked about."""
        definition, picture, witness = self.session.definition, self.session.picture, self.session.vigil.witness
        if definition is None or picture is None or self.session.link is not Link.UP:
            return False
        if picture.watch.continuing is not None or not witness.sure or self.session.vigil.alarm is not None:
            return False
        return any(item.rules.secrecy is Secrecy.SECRET for item in definition.agenda)

    @property
    def behind(self) -> int:
        """How many leaves of the record are still to be followed."""
        picture = self.session.picture
        newest = max(self.follower.shown, picture.head.size if picture is not None else 0)
        return newest - self.follower.size

    @property
    def seen(self) -> Seen:
        """What there is to show now."""
        key, share = self.meeting.key if self.meeting is not None else None, self.kept.share
        waiting = tuple(opening for opening, _ in self.openings())
        return Seen(
            meeting=self.meeting,
            fault=self.fault,
            size=self.follower.size,
            behind=self.behind,
            taking_part=self.taking_part,
            may_take_part=self.may_take_part,
            holding=key is not None and share is not None and share.election == key.digest,
            openings=tuple(one for one in waiting if not self.sent(one)),
            sent=tuple(filter(self.sent, waiting)),
            busy=self.busy,
            overridable=tuple((one.item, one.number) for one in self.overridable()),
            mishap=self.mishap,
            pinned=self.pinned,
        )

    async def look(self) -> bool:
        """Read and follow what is new, then say what is to be said; return whether there is more to read."""
        if not self.wanted or self.follower.fault is not None:
            return False
        read = await self.read()
        now = self.follower.meeting
        if now is not None and now is not self.meeting:
            self.meeting = now
            self.changed()
        if now is not None:
            self.compare(now)
        if self.fault is not None:
            self.changed()
        elif now is not None:
            self.go_on(now)
        return read

    def compare(self, meeting: Meeting) -> None:
        """Hold the key that every screen shows to the one of the record that was followed."""
        picture = self.session.picture
        if picture is None or picture.head.size != meeting.size or picture.secret.key == meeting.key:
            return
        own = meeting.key.fingerprint if meeting.key is not None else "-"
        self.own_fault = FollowingError("following.other_key", shown=picture.secret.fingerprint or "-", own=own)

    async def read(self) -> bool:
        """Compare what the witness believes, ask for the next leaves and follow them; whether some came."""
        picture, head = self.session.picture, self.session.head
        if picture is None:
            return False
        part = await self.session.read_record(self.follower.size) if self.behind > 0 else None
        try:
            if head is not None:
                self.follower.witnessed(head)
            if part is not None:
                await asyncio.to_thread(self.follower.take, part)
        except OtherRecordError as fault:
            if self.epoch == picture.epoch:
                # one run of the server has shown two records
                self.follower.fault = fault
            else:
                self.follower = begun_anew(self.follower)
        if part is not None:
            self.epoch = picture.epoch
        return part is not None

    # the key

    @property
    def board(self) -> Board | None:
        """The ceremony that is under way or was the last one."""
        return self.meeting.ceremony if self.meeting is not None else None

    @property
    def taking_part(self) -> bool:
        """Whether this terminal has its part in the ceremony on the board."""
        dealer, board = self.kept.dealer, self.board
        return dealer is not None and board is not None and dealer.ceremony == board.ceremony

    @property
    def may_take_part(self) -> bool:
        """Whether the ceremony waits for this terminal, and has had no word of it."""
        board = self.board
        if board is None or board.step is not Step.COMMIT or self.fault is not None or self.taking_part:
            return False
        waiting = {board.ceremony.scrutineers[index - 1].key for index in board.missing}
        return public_text(self.session.signing_key) in waiting and board.ceremony.attempt > self.kept.attempt

    def take_part(self) -> None:
        """Begin with the own part in the ceremony on the board; an earlier part that came to nothing is forgotten."""
        board = self.board
        if board is None or not self.may_take_part:
            return
        try:
            dealer = begin(board.ceremony, self.session.signing_key, secrets.token_bytes)
            self.keep(msgspec.structs.replace(self.kept, dealer=dealer, attempt=board.ceremony.attempt))
        except (SecretError, OSError) as error:
            self.mishap = error
        self.changed()

    def go_on(self, meeting: Meeting) -> None:
        """Say what the ceremony waits for, and keep the share once the key is made."""
        board, dealer = meeting.ceremony, self.kept.dealer
        if board is None or dealer is None or self.own_fault is not None:
            return
        try:
            if dealer.ceremony != board.ceremony:
                self.forget(board, dealer)
            elif board.step is Step.DONE:
                _, share = take_share(dealer, board)
                self.keep(msgspec.structs.replace(self.kept, dealer=None, share=share))
                self.changed()
            elif board.step is Step.FAILED:
                self.keep(msgspec.structs.replace(self.kept, dealer=None))
                self.changed()
            else:
                self.say(board, dealer)
        except SecretError as error:
            self.own_fault = error
            self.changed()
        except OSError as error:
            self.mishap = error
            self.changed()

    def forget(self, board: Board, dealer: Dealer) -> None:
        """Drop what belongs to a ceremony that another one has ended."""
        if board.ceremony.attempt > dealer.ceremony.attempt:
            self.keep(msgspec.structs.replace(self.kept, dealer=None))
            self.changed()

    def say(self, board: Board, dealer: Dealer) -> None:
        """Answer the board, once in each step, after what is to be remembered of it is kept."""
        if board is self.answered:
            return
        # also where nothing is awaited from here: what stands there in the own name is looked at
        answer = respond(dealer, board, self.session.signing_key)
        self.answered, place = board, (board.ceremony.attempt, board.step)
        if answer is None or place in self.said:
            return
        remembered, message = answer
        if remembered != dealer:
            self.keep(msgspec.structs.replace(self.kept, dealer=remembered))
        self.session.submit(message)
        self.said.add(place)

    # the opening

    def openings(self) -> Iterator[tuple[Opening, Round]]:
        """Yield the rounds that wait for this scrutineer's part, as far as this terminal can give it."""
        meeting, share = self.meeting, self.kept.share
        if meeting is None or share is None or self.fault is not None or meeting.closed is not None:
            return
        for one in meeting.rounds:
            sealing = one.sealing
            if sealing is None or not sealing.basis or self.person not in sealing.missing:
                continue
            waits = one.phase is Phase.CLOSED and meeting.round_of(one.item) is one and openable(meeting, one) is None
            if waits and sealing.key.digest == share.election:
                yield Opening(one.item, one.number, tuple(count.digest for count in sealing.counts)), one

    def sent(self, opening: Opening) -> bool:
        """Whether the own part is on its way."""
        return any(
            isinstance(one.command.body, OpenPart) and (one.command.body.item, one.command.body.round) == opening[:2]
            for one in self.session.outstanding.values()
        )

    async def open(self, opening: Opening) -> Command | None:
        """Give the own part of opening exactly this; return what was sent, None where nothing was."""
        found = next((one for waiting, one in self.openings() if waiting == opening), None)
        if found is None or self.busy or self.sent(opening):
            return None
        self.busy, self.mishap = True, None
        self.changed()
        try:
            remembered, body = await asyncio.to_thread(self.part_of, found)
            # on the disk before a part goes out: no second, different opening of the round
            self.keep(msgspec.structs.replace(self.kept, openings=remembered))
            return self.session.submit(body)
        except SecretError as error:
            if self.lawfully_again(error):
                self.mishap = error
            else:
                self.own_fault = error
            return None
        except OSError as error:
            self.mishap = error
            return None
        finally:
            self.busy = False
            self.changed()

    def lawfully_again(self, error: SecretError) -> bool:
        """Whether a round that was opened before waits again because the record went on from an older copy, as signed.

        This terminal gives no second part of it; but nobody lies, and what else is to be opened is opened.
        """
        twice = isinstance(error, OpeningError) and error.key == "secret.opened_before"
        return twice and self.meeting is not None and bool(self.meeting.continuations)

    def part_of(self, one: Round) -> tuple[Openings, OpenPart]:
        """Return what to remember of opening a round, and the own part of it; OpeningError where it is refused."""
        sealing, share = one.sealing, self.kept.share
        if sealing is None or share is None:
            raise ValueError("only a sealed round whose share is held can be opened")
        remembered, texts = self.kept.openings, []
        for count in sealing.counts:
            remembered, part = decrypt_part(count, sealing.key, share, remembered, secrets.token_bytes)
            texts.append(part.text)
        return remembered, OpenPart(one.item, one.number, tuple(texts))

    # a head that too few have cosigned

    def overridable(self) -> Iterator[Round]:
        """Yield the rounds that this scrutineer may have opened though too few terminals cosign."""
        meeting = self.meeting
        if meeting is None or self.fault is not None or chief_scrutineer(meeting) not in ("", self.person):
            return
        size, root = self.head
        for one in meeting.rounds:
            said = one.sealing.override if one.sealing is not None else None
            if one.phase is not Phase.CLOSED or meeting.round_of(one.item) is not one or said is not None:
                continue
            if openable(meeting, one) is None and not_behind_the_close(meeting, one, size, root) is None:
                yield one

    @property
    def head(self) -> tuple[int, str]:
        """Size and root (base64) of the newest head that the own leaves have given."""
        return self.follower.compared, b64encode(self.follower.hashes.root(self.follower.compared)).decode()

    def override(self, item: str, number: int, reason: str) -> OverrideCosigning | None:
        """Return what has this round opened on the head as this terminal has it; None where that cannot be said now."""
        if any((one.item, one.number) == (item, number) for one in self.overridable()):
            return OverrideCosigning(item, number, *self.head, reason)
        return None

    def keep(self, kept: Kept) -> None:
        """Put what may not be forgotten into the strongbox, and only then go by it. OSError."""
        self.strongbox.write(msgspec.json.encode(kept))
        self.kept = kept
