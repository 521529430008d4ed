"""A scrutineer's screen over a meeting with secret rounds; its own part is worked out from the very meeting."""

import asyncio
from collections.abc import Callable
from typing import Any

from kit.chairs import Booth, Clock
from kit.secret_play import SecretPlay
from pingyi_protocol.client.scrutiny import Opening, Seen
from pingyi_protocol.meeting.commands import Command, OpenPart, OverrideCosigning
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.unsealing import openable

__all__ = ["Clock", "PlayedPart", "SecretBooth"]


class PlayedPart:
    """What a scrutiny does, over a play; ``facts`` are put in place of what it has seen."""

    def __init__(self, play: SecretPlay, person: str, **facts: Any) -> None:
        self.play = play
        self.person = person
        self.facts = facts
        self.taken = 0
        self.opened: list[Opening] = []
        self.said: list[OverrideCosigning] = []
        self.send: Callable[[OpenPart], Command] | None = None

    @property
    def seen(self) -> Seen:
        meeting = self.play.meeting
        waiting = []
        for one in meeting.rounds:
            sealing = one.sealing
            if sealing is None or not sealing.basis or self.person not in sealing.missing:
                continue
            if one.phase is Phase.CLOSED and openable(meeting, one) is None:
                waiting.append(Opening(one.item, one.number, tuple(count.digest for count in sealing.counts)))
        holding = self.person in meeting.holders
        found = Seen(meeting=meeting, size=meeting.size, holding=holding, openings=tuple(waiting))
        return found._replace(**self.facts)

    @property
    def head(self) -> tuple[int, str]:
        return self.play.meeting.size, self.play.book.root()

    async def run(self) -> None:
        await asyncio.Event().wait()

    def take_part(self) -> None:
        self.taken += 1

    async def open(self, opening: Opening) -> Command | None:
        self.opened.append(opening)
        assert self.send is not None
        return self.send(self.play.book.parts(self.person))

    def override(self, item: str, number: int, reason: str) -> OverrideCosigning | None:
        return OverrideCosigning(item, number, *self.head, reason)


class SecretBooth(Booth):
    """The screen of ``person``; what it has ``seen`` otherwise than the play gives it comes by name."""

    def __init__(self, play: SecretPlay, person: str, language: Language = Language.CHINESE, **seen: Any) -> None:
        self.played = PlayedPart(play, person, **seen)
        super().__init__(play, person, language, self.played)
        self.played.send = self.session.submit
