"""What a screen shows of a round that is still open: figures of so many ballots that they tell of nobody."""

from pingyi_protocol.meeting.figures import RoundFigures

LEAST_BALLOTS = 5
"""Group results appear only where no member's score can be told from them; halls take 5 unless they say otherwise."""


def large_enough(figures: RoundFigures | None) -> RoundFigures | None:
    """Return the running figures, None while fewer than ``LEAST_BALLOTS`` ballots are in them."""
    return figures if figures is not None and figures.received >= LEAST_BALLOTS else None
