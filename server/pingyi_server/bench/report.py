"""What measurements print for people."""

from collections.abc import Iterator, Sequence

from pingyi_protocol.text import Catalogue
from pingyi_server.bench.figures import Figure, Found, Rounds, machine, spread
from pingyi_server.bench.flood import LEAST_URGENT
from pingyi_server.bench.hostile import CONNECTIONS, Hostile
from pingyi_server.bench.seats import Timing

ROUND = 100
"""From here on a figure is shown without decimals."""


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


def report(found: Found, words: Catalogue) -> Iterator[str]:
    """Yield the lines of a measurement: the machine, how it was done, and each figure with the spread of its rounds."""
    yield words("bench.machine", machine=machine())
    for key, values in found.how:
        yield words(key, **values)
    for one in found.rounds:
        yield rounds_line(one, words)


def rounds_line(one: Rounds, words: Catalogue) -> str:
    """Return one figure: the round in the middle, the least and the greatest, and what it is held against."""
    figure = one.figure()
    parts = [f"{amount(figure.value)} {one.unit} ({amount(min(one.values))} - {amount(max(one.values))})"]
    if figure.against is not None and figure.ratio is not None:
        parts.append(words(one.beside, value=f"{amount(figure.against)} {one.unit}"))
        parts.append(
            words(
                "bench.ratio",
                ratio=f"{figure.ratio:.2f}",
                least=f"{min(one.ratios):.2f}",
                most=f"{max(one.ratios):.2f}",
            )
        )
    if figure.goal is not None:
        met = words("bench.met" if figure.met else "bench.missed")
        parts.append(words("bench.at_least" if one.rate else "bench.at_most", goal=f"{figure.goal:g}", met=met))
    return words("bench.figure", name=words(f"bench.figure_{one.name.replace(' ', '_')}"), value="; ".join(parts))


def amount(value: float) -> str:
    """Return a number with as many digits as say something."""
    return f"{value:.0f}" if abs(value) >= ROUND else f"{value:.2f}"


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
