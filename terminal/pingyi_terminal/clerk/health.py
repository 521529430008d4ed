"""Six tiles in a fixed order: how the server is, each with a word for its state. Pure."""

from dataclasses import replace

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.text import Catalogue
from pingyi_protocol.wire.office import Health
from pingyi_terminal.clerk.situation import Machine, Presence, Situation
from pingyi_terminal.clerk.table import Tile, TileState

SLOW_MILLISECONDS = 200.0
"""A commit that took longer than this is felt at the seats."""

LEAST_FREE = 2 * 10**9
"""Bytes on the disk below which somebody should make room."""

GIGABYTE = 10**9
MILLISECOND = 1000.0


def tiles_of(words: Catalogue, situation: Situation) -> tuple[Tile, ...]:
    """Return the tiles; while the server is not heard nobody knows whether all is well."""
    health = situation.desk.health if situation.desk is not None else None
    found = (
        connections(words, situation),
        latency(words, health),
        disk(words, health),
        database(words, situation),
        witnesses(words, health, situation),
        heads(words, situation),
    )
    if situation.link is Link.UP:
        return found
    return tuple(replace(one, state="unknown", word=words("clerk.state_unknown")) for one in found)


def tile(words: Catalogue, name: str, value: str, detail: str, state: TileState) -> Tile:
    """Return a tile with the words of its name and state."""
    return Tile(words(f"clerk.tile_{name}"), value, detail, words(f"clerk.state_{state}"), state)


def connections(words: Catalogue, situation: Situation) -> Tile:
    """How many of the enrolled terminals answer; one of a member who is present and does not is to be looked after."""
    enrolled = [line for line in situation.lines if line.enrolled and line.who.role is not Role.CLERK]
    online = sum(line.machine is Machine.ONLINE for line in enrolled)
    lost = sum(line.machine is Machine.LOST and line.presence is Presence.PRESENT for line in enrolled)
    detail = words("clerk.tile_lost", count=lost) if lost else words("clerk.tile_none_lost")
    return tile(words, "connections", f"{online} / {len(enrolled)}", detail, "watch" if lost else "good")


def latency(words: Catalogue, health: Health | None) -> Tile:
    """How long commits took in the last minute."""
    if health is None or not health.commits:
        return tile(words, "latency", words("clerk.tile_no_commit"), "", "unknown")
    worst = health.worst / MILLISECOND
    value = words("clerk.tile_median", milliseconds=f"{health.median / MILLISECOND:.1f}")
    detail = words("clerk.tile_worst", milliseconds=f"{worst:.0f}")
    return tile(words, "latency", value, detail, "watch" if worst > SLOW_MILLISECONDS else "good")


def disk(words: Catalogue, health: Health | None) -> Tile:
    """How much room the disk of the meeting's folder has."""
    if health is None or health.free is None:
        return tile(words, "disk", words("clerk.tile_unknown"), "", "unknown")
    value = words("clerk.tile_free", gigabytes=f"{health.free / GIGABYTE:.1f}")
    return tile(words, "disk", value, "", "bad" if health.free < LEAST_FREE else "good")


def database(words: Catalogue, situation: Situation) -> Tile:
    """Whether the record can be written."""
    works = situation.picture.recording
    entries = words("clerk.tile_entries", count=situation.picture.head.size)
    if situation.link is not Link.UP:
        return tile(words, "database", words("clerk.tile_unknown"), entries, "unknown")
    return tile(
        words,
        "database",
        words("clerk.tile_works" if works else "clerk.tile_fails"),
        entries,
        "good" if works else "bad",
    )


def witnesses(words: Catalogue, health: Health | None, situation: Situation) -> Tile:
    """How many terminals have cosigned the newest head that was to be."""
    if health is None or not health.cosign:
        return tile(words, "witnesses", words("clerk.tile_no_head"), "", "unknown")
    online = sum(line.machine is Machine.ONLINE for line in situation.lines if line.who.role is not Role.CLERK)
    value = words("clerk.tile_cosigned", count=health.cosigned)
    detail = words("clerk.tile_of_head", size=health.cosign)
    return tile(words, "witnesses", value, detail, "good" if health.cosigned or not online else "watch")


def heads(words: Catalogue, situation: Situation) -> Tile:
    """The head of the record: its fingerprint, as it stands in the minutes."""
    head = situation.picture.head
    groups = head.fingerprint.split("-")
    half = (len(groups) + 1) // 2
    first, second = "-".join(groups[:half]), "-".join(groups[half:])
    return tile(words, "head", first, second, "good" if head.size else "unknown")
