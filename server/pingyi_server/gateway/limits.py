"""How much anybody may ask of the server, and ``limits.toml`` in the meeting's folder, which changes it."""

import ipaddress
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from pingyi_protocol.wire.messages import LARGEST_CLERK_REQUEST, LARGEST_REQUEST
from pingyi_protocol.wording import WordedError

FILE = "limits.toml"
KIB = 1024

OWN_MACHINE = ("127.0.0.1", "::1")


class LimitsError(WordedError):
    """``limits.toml`` cannot be used; the text names the file and the key."""

    package = "pingyi_server"


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one sender may take of the server. Whoever exceeds a limit is cut short, and nobody else is.

    ``requests_per_second`` and ``requests_burst``: of one device; each 8 KiB begun of a longer request count as one
    more. What is beyond is dropped unread. ``refused_requests``: how many dropped ones, beside
    ``requests_per_second`` of them, cost the device its connection and ``ban_seconds``.
    ``connections``: of one device to the meeting's socket, and as many to the broadcast; a terminal has one of each.
    ``ballots_per_second``, ``ballots_burst``: ballots of one device that are looked at, for each may be a leaf of the
    record; the terminal sends one that was passed over again by itself.
    ``largest_request_kib``: KiB of a request (but a clerk's on the server's machine). A secret ballot holds 20 KiB a
    score of 101 steps, so ten targets at once fit.
    ``enrolments_per_second``, ``enrolments_burst``: requests on the enrolment socket, of one address;
    ``all_enrolments_per_second``, ``all_enrolments_burst``: of all. ``wrong_codes``: how many unknown codes in a minute
    cost an address ``ban_seconds``. ``enrolment_seconds``: how long a connection to that socket may last.
    ``handshake_seconds``: how long a connection may take to prove its key. ``heartbeat_seconds``: how often a
    connection is asked whether it is there; after two more it is let go. ``silent_seconds``: a terminal that has said
    nothing for so long is away, and another one with its keys may take its seat.
    ``queued_requests``, ``queued_answers``, ``queued_broadcasts``: messages that wait for one connection; who does
    not read loses what is beyond, and asks again.
    ``forwarders``: addresses behind which many stand, which no limit of an address holds for.
    """

    requests_per_second: Annotated[float, Meta(ge=2, le=1_000_000)] = 10.0
    requests_burst: Annotated[int, Meta(ge=40, le=1_000_000)] = 60
    refused_requests: Annotated[int, Meta(ge=10, le=1_000_000)] = 300
    ballots_per_second: Annotated[float, Meta(ge=0.1, le=1_000_000)] = 1.0
    ballots_burst: Annotated[int, Meta(ge=10, le=1_000_000)] = 60
    ban_seconds: Annotated[float, Meta(ge=1, le=3600)] = 30.0
    connections: Annotated[int, Meta(ge=4, le=100_000)] = 16
    largest_request_kib: Annotated[int, Meta(ge=64, le=LARGEST_CLERK_REQUEST // KIB)] = LARGEST_REQUEST // KIB
    enrolments_per_second: Annotated[float, Meta(ge=0.1, le=100_000)] = 2.0
    enrolments_burst: Annotated[int, Meta(ge=4, le=100_000)] = 20
    all_enrolments_per_second: Annotated[float, Meta(ge=1, le=100_000)] = 200.0
    all_enrolments_burst: Annotated[int, Meta(ge=10, le=100_000)] = 1000
    wrong_codes: Annotated[int, Meta(ge=1, le=100_000)] = 10
    enrolment_seconds: Annotated[float, Meta(ge=15, le=3600)] = 60.0
    handshake_seconds: Annotated[float, Meta(ge=1, le=60)] = 10.0
    heartbeat_seconds: Annotated[float, Meta(ge=1, le=60)] = 20.0  # the library walks all its timers at each answer
    silent_seconds: Annotated[float, Meta(ge=3, le=60)] = 6.0
    queued_requests: Annotated[int, Meta(ge=4, le=100_000)] = 64
    queued_answers: Annotated[int, Meta(ge=16, le=100_000)] = 64
    queued_broadcasts: Annotated[int, Meta(ge=64, le=100_000)] = 512
    forwarders: tuple[str, ...] = OWN_MACHINE

    @property
    def largest_request(self) -> int:
        """Bytes of the longest request of a terminal."""
        return self.largest_request_kib * KIB

    def differing(self) -> dict[str, object]:
        """Return the limits that are not the default."""
        default = Limits()
        names = self.__struct_fields__
        return {name: getattr(self, name) for name in names if getattr(self, name) != getattr(default, name)}


def read_limits(folder: Path) -> Limits:
    """Return the limits of the meeting in ``folder``: by its ``limits.toml``, if there is one, or the defaults.

    LimitsError when the file cannot be read, and when a key or value in it is none; forwarders are IP addresses.
    """
    file = folder / FILE
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Limits()
    except (
        OSError,
        ValueError,
        RecursionError,
    ) as fault:  # tomllib's errors and bytes that are no UTF-8 are ValueErrors
        raise LimitsError("limits.unreadable", file=file, fault=fault) from fault
    fields = {field.name: field.type for field in msgspec.structs.fields(Limits)}
    for key, value in given.items():
        if key not in fields:
            raise LimitsError("limits.no_such_key", file=file, name=key, keys=", ".join(fields))
        try:
            msgspec.convert(value, fields[key])
        except msgspec.ValidationError as fault:
            raise LimitsError("limits.wrong_value", file=file, name=key, value=value, fault=fault) from fault
    limits = msgspec.convert(given, Limits)
    return msgspec.structs.replace(limits, forwarders=tuple(parsed(file, one) for one in limits.forwarders))


def parsed(file: Path, address: str) -> str:
    """Return the address in its canonical form; LimitsError when it is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError as fault:
        raise LimitsError("limits.no_address", file=file, name="forwarders", value=address) from fault
    # as the door writes whom it compares with them
    return str(getattr(found, "ipv4_mapped", None) or found)
