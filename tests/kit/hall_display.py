"""A hall display on a session that a test moves by hand, and pictures of a meeting with real figures in them."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from kit.factories import small_definition
from kit.hall import Memory
from pingyi_protocol.client.session import Link
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.definition import Definition, Item, Language, Role, ScoreRules
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.meeting.measures import Tally, target_figures
from pingyi_protocol.wire.picture import Head, ItemStatus, LiveRound, Picture, to_bitmap
from pingyi_terminal import link
from pingyi_terminal.hall import app as app_module
from pingyi_terminal.hall.app import HallApp
from pingyi_terminal.hall.face import Pace
from pingyi_terminal.hall.faces.parts import score_rules

Scores = Sequence[int | None]
FINGERPRINT = "K7M2-Q9XD-4TRB-8W3F"


def figures_of(item: Item, scores: Sequence[Scores], present: int, recused: int = 0) -> RoundFigures:
    """What a round of ``item`` yields: for each target the scores, None where a member abstained."""
    tallies = [
        reduce(Tally.add, (None if score is None else Decimal(score) for score in given), Tally()) for given in scores
    ]
    received = len(scores[0])
    targets = (
        target_figures(target, tally, score_rules(item), present - received - recused)
        for target, tally in zip(item.targets, tallies, strict=True)
    )
    return RoundFigures(item.id, 1, present, received, recused, tuple(targets))


class Script:
    """The pictures of a meeting, one after another."""

    def __init__(self, definition: Definition, present: int) -> None:
        self.definition = definition
        self.present = present
        self.phases = dict.fromkeys((item.id for item in definition.agenda), Phase.PENDING)
        self.published: tuple[RoundFigures, ...] = ()
        self.live: LiveRound | None = None
        self.number = 1
        self.reason = ""
        self.recused = 0
        self.closed = False

    def picture(self) -> Picture:
        present = to_bitmap(range(self.present))
        items = tuple(self.status(item, phase) for item, phase in self.phases.items())
        head = Head(9, FINGERPRINT)
        return Picture("e", 1, 0, "d", head, present, {}, items, self.live, self.published, closed=self.closed)

    def end(self) -> Picture:
        """The picture when the chair has closed the meeting."""
        self.closed = True
        return self.picture()

    def status(self, item: str, phase: Phase) -> ItemStatus:
        """Where an item stands."""
        reason = self.reason if phase is Phase.VOID else ""
        return ItemStatus(item, phase, self.number if phase is not Phase.PENDING else 0, reason)

    def round(
        self,
        item: str,
        phase: Phase,
        *scores: Scores,
        running: bool = True,
        public: bool | None = None,
        remaining: int | None = None,
    ) -> Picture:
        """The picture when ``item`` stands at ``phase`` with these scores for each of its targets."""
        line = self.definition.item(item)
        assert line is not None
        given = scores or tuple(() for _ in line.targets)
        figures = figures_of(line, given, self.present, self.recused)
        self.phases[item] = phase
        self.live = LiveRound(
            item=item,
            round=self.number,
            phase=phase,
            remaining=remaining if phase in LIVE else None,
            present=to_bitmap(range(self.present)),
            voted=to_bitmap(range(figures.received)),
            received=figures.received,
            recused="",
            base=self.present - self.recused,
            running=figures if running and phase in LIVE else None,
        )
        if (phase is Phase.ANNOUNCED if public is None else public) and figures not in self.published:
            self.published = (*self.published, figures)
        return self.picture()


class HandSession:
    """A session that holds what a test gives it."""

    def __init__(self, definition: Definition | None = None, picture: Picture | None = None) -> None:
        self.definition = definition
        self.picture = picture
        self.link = Link.UP if picture else Link.CONNECTING
        self.lost = 0.0
        self.vigil = SimpleNamespace(alarm=None)

    def remaining(self) -> int | None:
        live = self.picture.live if self.picture else None
        return live.remaining if live else None

    def check_in_left(self) -> int | None:
        picture = self.picture
        return None if picture is None else 0 if picture.check_in_over else picture.check_in

    def lost_seconds(self) -> float:
        return self.lost


class Wall:
    """A hall display on a hand-moved session and a hand-moved clock."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, session: HandSession, language: Language, **options: Any
    ) -> None:
        self.session = session
        self.now = 100.0
        monkeypatch.setattr(app_module, "monotonic", lambda: self.now)
        monkeypatch.setattr(link, "attach", lambda *_: (session, asyncio.create_task(asyncio.Event().wait())))
        keys = generate_device_keys()
        facts = ProfileFacts(
            meeting="m",
            meeting_name="示例市人大常委会",
            addresses=("127.0.0.1",),
            port=7610,
            server_key=keys.transport.public,
            log_key=public_text(keys.signing_key),
            origin="example/log",
            person="",
            role=Role.HALL,
        )
        self.app = HallApp(facts, keys, Memory(), language, **options)

    async def show(self, pilot: Pilot[None], picture: Picture | None = None, after: float = 0.0) -> None:
        """Let ``after`` seconds pass on the clock, and show a picture."""
        self.now += after
        if picture is not None:
            self.session.picture = picture
        self.app.look()
        await pilot.pause()


def hall_definition(rules: ScoreRules | None = None, members: int = 45) -> Definition:
    """The small meeting with as many members as a committee has."""
    return small_definition(members, rules=rules)


def long_sheet(rules: ScoreRules, targets: int = 11, title: str = "整改评议表") -> Definition:
    """A meeting that scores many targets on one sheet."""
    definition = small_definition(45, rules=rules)
    names = ["文化和旅游局", "人力资源和社会保障局", "医疗保障局", "水利局", "地方金融监督管理局", "教育局", "民政局"]
    names += ["交通运输局", "城市管理局", "市公共资料中心", "市园艺技术中心"]
    made = tuple(
        msgspec.structs.replace(definition.targets[0], id=f"T{place:02}", name=names[place % 11], short_name="")
        for place in range(targets)
    )
    item = Item("1", title, tuple(target.id for target in made), rules)
    return msgspec.structs.replace(definition, targets=made, agenda=(item,), problems=(), components=())


__all__ = ["FINGERPRINT", "HandSession", "Pace", "Script", "Wall", "figures_of", "hall_definition", "long_sheet"]
