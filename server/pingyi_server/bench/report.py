"""What measurements print for people."""

from collections.abc import Iterator, Sequence

from pingyi_protocol.text import Catalogue
from pingyi_server.bench.figures import Figure, machine, spread
from pingyi_server.bench.flood import LEAST_URGENT
from pingyi_server.bench.hostile import CONNECTIONS, Hostile
from pingyi_server.bench.seats import Timing


def hostile_report(found: Hostile, words: Catalogue) -> Iterator[str]:
    """Yield the lines of a flood: the machine, both sides, each figure, and what each attack sent."""
    size, rounds = found.size, found.rounds
    yield words("bench.machine", machine=machine())
    yield words(
        "bench.hostile_size", seats=size.seats, rate=f"{size.rate:g}", rounds=size.rounds, seconds=f"{size.seconds:g}"
    )
    yield words("bench.hostile_flood", connections=CONNECTIONS, nice=LEAST_URGENT)
    for key, place in (("bench.quiet", 0), ("bench.flooded", 1)):
        side = [pair[place] for pair in rounds]
        halves, tails = [one.p50 for one in side], [one.p99 for one in side]
        yield words(key, p50=spread(halves), p99=spread(tails), ballots=ballots([one.timing for one in side]))
    for figure in found.figures():
        yield figure_line(figure, words)
    yield words("bench.sent")
    for name, tally in found.sent().items():
        yield words(
            "bench.sent_by",
            attack=words(f"bench.attack_{name}"),
            connections=tally.connections,
            ended=tally.ended,
            messages=tally.messages,
            megabytes=f"{tally.bytes / 1e6:.1f}",
        )


def ballots(timings: Sequence[Timing]) -> int:
    """Return how many ballots were timed."""
    return sum(len(one.milliseconds) for one in timings)


def figure_line(figure: Figure, words: Catalogue) -> str:
    """Return one figure, and what it is held against where it is."""
    name = words(f"bench.figure_{figure.name.replace(' ', '_')}")
    value = f"{figure.value:.1f} {figure.unit}"
    if figure.against is None:
        return words("bench.figure", name=name, value=value)
    against = f"{figure.against:.1f} {figure.unit}"
    if figure.ratio is None or figure.goal is None:
        return words("bench.figure_beside", name=name, value=value, against=against)
    return words(
        "bench.figure_goal",
        name=name,
        value=value,
        against=against,
        ratio=f"{figure.ratio:.2f}",
        goal=f"{figure.goal:g}",
        met=words("bench.met" if figure.met else "bench.missed"),
    )
