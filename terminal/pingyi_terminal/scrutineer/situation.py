"""A scrutineer's meeting as the terminal sees it, what waits there, and what the terminal knows for itself. Pure."""

from dataclasses import dataclass, replace
from typing import Self, TypeAlias

from pingyi_protocol.client.scrutiny import Opening
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import Body, ConfirmRound, CountersignVoid
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.model import Round
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.picture import Backstage, Picture
from pingyi_terminal.console_draft import ConsoleDraft
from pingyi_terminal.scrutineer.secret import NOBODY, Own, TakePart

Duty: TypeAlias = CountersignVoid | ConfirmRound | Opening | TakePart
"""What waits for a scrutineer's Enter."""


@dataclass(frozen=True, slots=True)
class Draft(ConsoleDraft):
    """What this terminal knows for itself.

    ``asking`` waits for its second Enter. ``signed`` is on the record as leaf ``leaf``.
    ``refusal`` is what became of the last one, ``fault`` why it could not be sent. ``left_over`` says that something
    was signed before the last start and is not sent again. ``chosen`` is what this terminal turned to where several
    things wait.
    """

    chosen: Duty | None = None
    asking: Body | Duty | None = None
    signed: Body | None = None
    leaf: int = 0
    refusal: Refusal | None = None
    fault: str = ""
    left_over: bool = False

    def undisturbed(self) -> Self:
        """Return the draft without question and complaint."""
        return replace(self, asking=None, refusal=None, fault="", left_over=False)


@dataclass(frozen=True, slots=True)
class Situation:
    """The meeting as the terminal of ``person`` sees it now; ``origin`` names the log of its record."""

    definition: Definition
    picture: Picture
    person: str
    origin: str
    backstage: Backstage | None = None
    link: Link = Link.UP
    draft: Draft = Draft()
    own: Own = NOBODY

    @property
    def waiting(self) -> tuple[Duty, ...]:
        """What a scrutineer is to do: sign the rounds that are to be void and a count, open, help to make the key."""
        seen, board = self.own.seen, self.own.board
        taking = (TakePart(board.ceremony.attempt),) if board is not None and seen.may_take_part else ()
        if self.backstage is None:
            return (*seen.openings, *taking)
        count = self.backstage.confirming
        return (*self.backstage.voiding, *((count,) if count is not None else ()), *seen.openings, *taking)

    @property
    def shown(self) -> Duty | None:
        """What the screen is about: what this terminal turned to, else the first that waits."""
        chosen = next((one for one in self.waiting if one == self.draft.chosen), None)
        return chosen or next(iter(self.waiting), None)

    @property
    def following(self) -> Duty | None:
        """What comes after that, None where nothing else waits."""
        if len(self.waiting) < 2 or self.shown is None:  # noqa: PLR2004 - one has nothing after it
            return None
        return self.waiting[(self.waiting.index(self.shown) + 1) % len(self.waiting)]

    @property
    def sealed(self) -> Round | None:
        """The secret round that the screen is about, if it is about one."""
        shown = self.shown
        return self.own.round_of(shown) if isinstance(shown, Opening) else self.own.sealed if shown is None else None

    @property
    def overridable(self) -> bool:
        """Whether this scrutineer may have that round opened though too few cosign."""
        one = self.sealed
        return one is not None and (one.item, one.number) in self.own.seen.overridable and self.draft.sent is None


def about_ceremony(situation: Situation) -> bool:
    """Whether the screen is about the key ceremony."""
    shown = situation.shown
    waits = situation.picture.watch.continuing is not None or situation.sealed is not None
    return isinstance(shown, TakePart) or (shown is None and not waits and situation.own.board is not None)
