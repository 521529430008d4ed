"""What the first screen may show, as values without words."""

from dataclasses import dataclass, field
from typing import TypeAlias

from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_terminal.enrolment.entry import EMPTY, Entry


@dataclass(frozen=True, slots=True)
class Asking:
    """A card is asked for; ``entry`` is what was scanned or typed so far."""

    entry: Entry = EMPTY


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is that a code names: its preferred address and the first of its ports."""

    address: str
    port: int

    @property
    def named(self) -> dict[str, object]:
        """The values by which words name it."""
        return {"address": self.address, "port": self.port}


@dataclass(frozen=True, slots=True)
class Fetching:
    """The public key of the server is fetched for a typed code. Nothing of the code has been sent."""

    server: Server


@dataclass(frozen=True, slots=True)
class Comparing:
    """The fingerprint of the key that came is to be compared with the card."""

    server: Server
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Identifying:
    """The server is asked which meeting this is."""

    server: Server


@dataclass(frozen=True, slots=True)
class SettingPin:
    """A PIN is typed, ``again`` the second time; ``wrong`` names what was wrong with the last try ("" for nothing)."""

    facts: ProfileFacts
    typed: str = field(default="", repr=False)
    again: bool = False
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Enrolling:
    """The terminal's keys are made and on their way to the record."""

    facts: ProfileFacts


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The keys stand on the record."""

    facts: ProfileFacts


@dataclass(frozen=True, slots=True)
class Trouble:
    """It did not come about because of ``fault``; with ``again`` the same card may be tried once more."""

    fault: Exception
    server: Server
    again: bool


Question: TypeAlias = Comparing | SettingPin | Trouble
"""Faces that wait for an answer."""

Face: TypeAlias = Asking | Fetching | Identifying | Enrolling | Enrolled | Question
