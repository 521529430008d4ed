"""What the server tells the clerk's console besides: every terminal, who calls, how the server is, and its export."""

from msgspec import field

from pingyi_protocol.meeting.struct import Struct


class Health(Struct, frozen=True):
    """How the server is.

    ``commits`` were made durable in the last minute, in microseconds: the ``median`` of them and the ``worst`` (0 for
    none). ``free`` are the bytes left on the disk of the meeting's folder, None where that is not known. ``cosign`` is
    the size of the newest head that terminals were to cosign (0: none yet), ``cosigned`` how many did.
    """

    commits: int = 0
    median: int = 0
    worst: int = 0
    free: int | None = None
    cosign: int = 0
    cosigned: int = 0


class Exporting(Struct, frozen=True):
    """The export that was asked for last: it goes into ``folder`` on the server's machine.

    ``done`` of ``total`` steps (entries, then files); ``finished`` once all files are there. ``fault`` says why there
    are none, by language, and is empty where nothing failed. ``unmade`` says by name, and by language, why the machine
    could not make some of the files; the others are there.
    """

    folder: str
    done: int = 0
    total: int = 1
    finished: bool = False
    fault: dict[str, str] = field(default_factory=dict)
    unmade: dict[str, dict[str, str]] = field(default_factory=dict)


class Office(Struct, frozen=True):
    """What only the clerk's consoles see.

    Bitmaps over ``speakers`` of the definition: whose terminals answer (``connected``), who has one (``enrolled``), who
    had one that was ``revoked`` and has none now, and for whom a code is out that nobody has taken (``issued``).
    ``calling`` are the members (numbers) who call the clerk, the longest first.
    """

    connected: str = ""
    enrolled: str = ""
    revoked: str = ""
    issued: str = ""
    calling: tuple[str, ...] = ()
    health: Health = Health()
    exporting: Exporting | None = None
