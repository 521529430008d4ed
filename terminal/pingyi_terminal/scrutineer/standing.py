"""Where the meeting stands, for whoever has nothing to sign now: the turnout in large figures, and the record. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from pingyi_protocol.meeting.choices import least_of
from pingyi_protocol.meeting.definition import TRIAL, Definition
from pingyi_protocol.meeting.life import LIVE
from pingyi_protocol.text import Catalogue
from pingyi_protocol.wire.picture import Picture, from_bitmap


class Facts(NamedTuple):
    """What is known of the meeting."""

    definition: Definition
    picture: Picture

    @property
    def due(self) -> int:
        """How many members are due."""
        return len(self.definition.entitled)

    @property
    def quorum(self) -> int:
        """How many have to be present."""
        return least_of(self.definition.meeting.quorum, self.due)

    @property
    def present(self) -> int:
        """How many are present now."""
        return len(from_bitmap(self.picture.present))


def standing_figures(words: Catalogue, facts: Facts) -> Iterator[tuple[int, str]]:
    """Return the turnout of the newest round, each number with its word; before the first one who is there.

    A result that was entered by hand has no turnout.
    """
    one = facts.picture.live
    if one is None or one.manual:
        yield facts.due, words("scrutineer.due")
        yield facts.present, words("scrutineer.present")
        yield facts.quorum, words("scrutineer.quorum")
        return
    counted = from_bitmap(one.present)
    recused = len(counted & from_bitmap(one.recused))
    live = one.phase in LIVE
    yield len(counted), words("scrutineer.present")
    yield one.received, words("scrutineer.voted" if live else "scrutineer.received")
    yield len(counted) - recused - one.received, words("scrutineer.to_vote" if live else "scrutineer.not_voted")
    yield recused, words("scrutineer.recused")


def standing_lines(words: Catalogue, facts: Facts) -> Iterator[str]:
    """Say which item the meeting is at, who is there, and how long the record is."""
    one, picture = facts.picture.live, facts.picture
    item = facts.definition.item(one.item) if one is not None else None
    if one is None or item is None:
        yield words("scrutineer.nothing_opened")
    else:
        title = words("chair.trial_title") if item is TRIAL else f"{item.id} {item.title}"
        state = "scrutineer.at_open" if one.phase in LIVE else f"scrutineer.at_{one.phase}"
        yield words(state, item=title, round=one.round, received=one.received, base=one.base)
    met = "scrutineer.quorum_met" if facts.present >= facts.quorum else "scrutineer.quorum_short"
    yield words(met, present=facts.present, due=facts.due, quorum=facts.quorum)
    if picture.recess:
        yield words("scrutineer.recess")
    yield words("scrutineer.record", size=picture.head.size, fingerprint=picture.head.fingerprint)
    if picture.closed:
        yield words("chair.ended")
