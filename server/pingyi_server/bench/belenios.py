"""What another voting system takes for a ballot of as many choices, where its program is installed.

Belenios (Cortier, Gaudry, Glondu, "Belenios: a simple private and verifiable electronic voting system", 2019) proves of
each choice that it is 0 or 1 as we do. ``belenios-tool`` of Debian 12 (2.0) refuses the group Ed25519, so it is held in
the group that it takes by itself, with a modulus of 2048 bits. Nothing of it is part of this program.
"""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import msgspec

TOOL = "belenios-tool"
GROUP = "BELENIOS-2048"
CHOICES = 101
LONGEST_SECONDS = 60.0

Line = tuple[str, dict[str, str]]


class UnexpectedError(Exception):
    """The program did not do as its manual says; the text is what it said last."""


class Election:
    """An election with one trustee and one voter, in a folder of its own."""

    def __init__(self, tool: str, folder: Path) -> None:
        """Set up nothing yet."""
        self.tool = tool
        self.folder = folder

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Return what the program prints; UnexpectedError."""
        try:
            done = subprocess.run(  # noqa: S603 - the program that the user has installed, with our own arguments
                [self.tool, *arguments],
                cwd=self.folder,
                input=stdin,
                capture_output=True,
                timeout=LONGEST_SECONDS,
                check=True,
            )
        except subprocess.CalledProcessError as fault:
            last = (fault.stderr or fault.stdout).decode(errors="replace").strip().splitlines()[-1:]
            raise UnexpectedError("".join(last) or str(fault.returncode)) from fault
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise UnexpectedError(str(fault)) from fault
        return done.stdout

    def only(self, ending: str) -> Path:
        """Return the one file with this ending; UnexpectedError."""
        found = list(self.folder.glob(f"*{ending}"))
        if len(found) != 1:
            raise UnexpectedError(ending)
        return found[0]

    def write(self, name: str, what: object) -> None:
        """Write a file of JSON."""
        (self.folder / name).write_bytes(msgspec.json.encode(what))

    def set_up(self) -> None:
        """Make credentials, keys and the election, and begin its archive."""
        name = self.run("setup", "generate-token").decode().strip()
        group = ("--group", GROUP)
        self.run("setup", "generate-credentials", "--uuid", name, *group, "--count", "1")
        self.run("setup", "generate-trustee-key", *group)
        shutil.copy(self.only(".pubkey"), self.folder / "public_keys.jsons")
        answers = [str(choice) for choice in range(CHOICES)]
        question = {"answers": answers, "min": 1, "max": 1, "question": "q"}
        people = {"administrator": "a", "credential_authority": "c"}
        self.write("template.json", {"description": "d", "name": "n", "questions": [question], **people})
        self.run("setup", "make-trustees")
        self.run("setup", "make-election", "--uuid", name, *group, "--template", "template.json")
        shutil.copy(self.only(".pubcreds"), self.folder / "public_creds.json")
        self.run("archive", "init")
        # "1 JMv-Z3P-…": whose, and the credential itself
        (self.folder / "credential").write_bytes(self.only(".privcreds").read_bytes().split()[-1])
        self.write("vote.json", [[1, *(0 for _ in range(CHOICES - 1))]])

    def timed(self) -> tuple[float, float]:
        """Return the seconds that sealing one ballot took, and checking it; UnexpectedError."""
        begun = time.perf_counter()
        ballot = self.run("election", "generate-ballot", "--privcred", "credential", "--ballot", "vote.json")
        sealed = time.perf_counter()
        self.run("archive", "add-event", "--type", "Ballot", stdin=ballot)
        added = time.perf_counter()
        self.run("election", "verify")
        return sealed - begun, time.perf_counter() - added


def beside() -> Line:
    """Return the line that says what it took, or why that is not known."""
    tool = shutil.which(TOOL)
    if tool is None:
        return "bench.belenios_absent", {}
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder:
        election = Election(tool, Path(folder))
        try:
            election.set_up()
            sealing, checking = election.timed()
        except UnexpectedError as fault:
            return "bench.belenios_failed", {"why": str(fault)}
    return "bench.belenios", {
        "choices": str(CHOICES),
        "group": GROUP,
        "sealing": f"{1000 * sealing:.0f}",
        "checking": f"{1000 * checking:.0f}",
    }
