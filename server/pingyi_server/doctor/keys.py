"""The keys in a meeting's folder: whole, for their owner's eyes, under a PIN or not, and those of its record."""

import os
from collections.abc import Iterator

from pingyi_protocol.keys.places import Place, State, Whose, places_at
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.wording import WordedError
from pingyi_server.doctor.finding import Area, Finding, good, mend
from pingyi_server.folder import MeetingFolder

OTHERS = 0o077


def key_findings(folder: MeetingFolder) -> Iterator[Finding]:
    """Yield what is to be said of the server's and the clerk's keys; no PIN is asked for."""
    places = places_at(folder.path)
    current = [place for place in places if place.state is not State.ASIDE]
    faults = [place.fault for place in current if place.fault is not None]
    yield from (mend(Area.KEYS, "doctor.fault", fault=fault) for fault in faults)
    open_ones = [place.key_file for place in places if is_open(place)]
    yield from (mend(Area.KEYS, "doctor.keys_open", file=file) for file in open_ones)
    try:
        folder.require_keys()
        folder.clerk_profile()
    except WordedError as fault:
        yield mend(Area.KEYS, "doctor.fault", fault=fault)
        return
    if faults:
        return
    pinned = {place.whose for place in current if place.pinned}
    if Whose.SERVER not in pinned and not belong_together(folder):
        yield mend(Area.KEYS, "doctor.keys_other", file=folder.server_key)
    elif not open_ones:
        key = "doctor.keys_pin_server" if Whose.SERVER in pinned else "doctor.keys_without_pin"
        yield good(Area.KEYS, key, folder=folder.typed)


def is_open(place: Place) -> bool:
    """Whether others than its owner may read a key file."""
    return os.name == "posix" and place.key_file.exists() and bool(place.key_file.stat().st_mode & OTHERS)


def belong_together(folder: MeetingFolder) -> bool:
    """Whether the server's keys, which lie open, are those that the clerk's profile names."""
    keys, facts = folder.server_keys(), folder.clerk_profile().facts
    named = (facts.log_key, facts.server_key)
    return (public_text(keys.signing_key), keys.transport.public) == named
