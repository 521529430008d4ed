"""Python and the libraries: what the program needs at the least, and what it was tested with."""

import platform
from collections.abc import Iterator
from importlib import resources
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import zmq
from packaging.requirements import Requirement

from pingyi_server.doctor.finding import Area, Finding, good, look, mend

CONSTRAINTS = "constraints.txt"
EXTRAS = ("", "server")
SEPARATOR = ", "


def version_findings() -> Iterator[Finding]:
    """Yield what is to be said of versions."""
    needed = [one for one in map(Requirement, requires("pingyi") or ()) if is_ours(one)]
    wrong = [
        f"{one.name} {found or '-'} ({one.specifier})" for one in needed if not fits(found := installed(one.name), one)
    ]
    if wrong:
        yield mend(Area.VERSIONS, "doctor.versions_wrong", libraries=SEPARATOR.join(wrong))
    if not zmq.has("curve"):
        yield mend(Area.VERSIONS, "doctor.versions_no_curve", version=zmq.zmq_version())
    other = [f"{name} {found} ({pin})" for name, pin in pins().items() if (found := installed(name)) not in (None, pin)]
    if other:
        yield look(Area.VERSIONS, "doctor.versions_untested", libraries=SEPARATOR.join(other))
    if not wrong and not other:
        yield good(Area.VERSIONS, "doctor.versions", pingyi=version("pingyi"), python=platform.python_version())


def is_ours(requirement: Requirement) -> bool:
    """Whether a server needs it on this machine."""
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in EXTRAS)


def fits(found: str | None, requirement: Requirement) -> bool:
    """Whether what is installed is enough."""
    return found is not None and requirement.specifier.contains(found, prereleases=True)


def installed(name: str) -> str | None:
    """Return the version of a library, None where it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def pins() -> dict[str, str]:
    """Return the versions that the program was tested with, by name; those of the checkout where it runs from one."""
    packed = resources.files("pingyi_server") / CONSTRAINTS
    file = packed if packed.is_file() else Path(__file__).parents[3] / CONSTRAINTS
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return {name: pin for name, _, pin in (line.partition("==") for line in lines if not line.startswith("#")) if pin}
