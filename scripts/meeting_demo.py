"""The sample meeting from beginning to end: server, members, hall display, export and verification.

Everything runs as it does in a hall: the server and the members in processes of their own, over real sockets.
"""

import asyncio
import os
import shlex
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

import click
import msgspec
import zmq.asyncio
from demo_output import Follower, show_tables

from pingyi_protocol.client.enrolment import enrol
from pingyi_protocol.client.session import Session
from pingyi_protocol.keys.enrolment_code import encode
from pingyi_protocol.keys.key_file import DeviceKeys, generate_device_keys
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.meeting.evolve import HALL
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.text import Catalogue, catalogue, language_of_locale
from pingyi_server.commands.code import issue
from pingyi_server.folder import MeetingFolder
from pingyi_server.imports.sample import sample_meeting
from pingyi_server.imports.sample_evidence import EVIDENCE_FOLDER, sample_evidence
from pingyi_server.imports.workbook_writer import workbook_of
from pingyi_server.rehearsal.roster import FEWEST_SEATS, MOST_SEATS, resized
from pingyi_server.simulation import Memory, Pace, Plan

NORMAL = Pace(arrival=3.0, voting=2.2, standing=1.4)
FAST = Pace(arrival=0.5, voting=0.3, standing=0.2)
SITTING = Pace(arrival=3.0, voting=12.0, standing=1.0)
START_SECONDS = 30.0


class DemoFault(click.ClickException):
    """A part of the demo failed; the text says where to look."""


@click.command("scripts/demo", help="Run the sample meeting.", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seats", type=click.IntRange(FEWEST_SEATS, MOST_SEATS), default=45, show_default=True, help="members")
@click.option("--seed", type=int, default=1, show_default=True, help="the same seed gives the same scores")
@click.option("--out", type=click.Path(path_type=Path), help="a new folder for everything that is written")
@click.option("--fast", is_flag=True, help="a shorter one")
@click.option("--sit", is_flag=True, help="take the chair console and one seat yourself")
@click.option("--lang", type=click.Choice([one.value for one in Language]), help="language of screens and sample")
def demo(seats: int, seed: int, out: Path | None, lang: str | None, *, fast: bool, sit: bool) -> None:
    """Run the whole meeting and end by itself."""
    language = Language(lang) if lang else language_of_locale()
    # the commands that the demo runs speak the same language
    os.environ["PINGYI_LANGUAGE"] = language.value
    words = catalogue("pingyi_server", language)
    out = (out or Path(f"demo-{datetime.now().astimezone():%Y%m%d-%H%M%S}")).absolute()
    if out.exists():
        raise DemoFault(words("demo.exists", folder=out))
    definition, recusals = resized(sample_meeting(language), seats, free_port())
    folder = MeetingFolder(out / "meeting")
    try:
        folder.path.mkdir(parents=True)
        (folder.path / "meeting.xlsx").write_bytes(workbook_of(definition, language, recusals))
    except OSError as fault:
        raise DemoFault(words("demo.folder", folder=folder.path, fault=fault.strerror)) from fault
    pingyi("load", folder.path)
    import_evidence(folder, definition, language)
    click.echo(words("demo.starting", seats=seats))
    with serving(folder, words):
        if sit:
            sit_in(folder, definition, seed, words)
        else:
            watch(folder, definition, seed, FAST if fast else NORMAL, language)
    take_home(folder, definition, out / "record", words)


def import_evidence(folder: MeetingFolder, definition: Definition, language: Language) -> None:
    """Put the sample's evidence on the record, each file as a clerk would."""
    (folder.path / EVIDENCE_FOLDER).mkdir()
    for one in sample_evidence(definition, language):
        path = folder.path / EVIDENCE_FOLDER / one.name
        path.write_bytes(one.content)
        for component, part in one.sources:
            of_part = ("--part", part) if part else ()
            if pingyi("evidence", folder.path, path, "--component", component, *of_part, "--yes"):
                raise DemoFault(catalogue("pingyi_server", language)("demo.evidence", file=path))


def free_port() -> int:
    """Return the first of four consecutive ports that nobody listens on."""
    for port in range(7610, 65000, 4):
        with ExitStack() as sockets, suppress(OSError):
            for place in range(4):
                sockets.enter_context(socket.socket()).bind(("127.0.0.1", port + place))
            return port
    raise DemoFault("no four free ports on this machine")


def pingyi(*arguments: object) -> int:
    """Run the installed ``pingyi`` as a person would, and return its exit code."""
    command = [str(program()), *map(str, arguments)]
    click.secho(f"$ {shlex.join(['pingyi', *command[1:]])}", bold=True)
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own program


def program() -> Path:
    """Return where ``pingyi`` is installed."""
    return Path(sys.executable).with_name("pingyi")


@contextmanager
def serving(folder: MeetingFolder, words: Catalogue) -> Iterator[None]:
    """Run ``pingyi serve`` for as long as the block lasts; its log stands beside the meeting."""
    log = folder.path.parent / "server.log"
    command = [str(program()), "serve", str(folder.path)]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as server:  # noqa: S603 - our own program
        try:
            begun = time.monotonic()
            while folder.served() is None:
                if server.poll() is not None or time.monotonic() - begun > START_SECONDS:
                    raise DemoFault(words("demo.server", log=log))
                time.sleep(0.05)
            yield
        finally:
            server.terminate()


@contextmanager
def simulating(folder: MeetingFolder, plan: Plan) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the simulated members in one process for as long as the block lasts."""
    log = folder.path.parent / "members.log"
    command = [sys.executable, "-m", "pingyi_server.simulation"]
    with log.open("wb") as output, subprocess.Popen(command, stdin=subprocess.PIPE, stderr=output) as members:  # noqa: S603 - our own program
        if members.stdin is None:
            raise AssertionError("a pipe was asked for")
        members.stdin.write(msgspec.json.encode(plan) + b"\n")
        members.stdin.flush()
        try:
            yield members
        finally:
            members.terminate()


def watch(folder: MeetingFolder, definition: Definition, seed: int, pace: Pace, language: Language) -> None:
    """Let everybody be simulated; show the hall display where there is a screen, else plain lines."""
    words = catalogue("pingyi_server", language)
    people = tuple(person.number for person in definition.entitled)
    facts, keys = admit(folder, definition, HALL)
    with simulating(folder, Plan(str(folder.path), people, seed, pace, chair=True)) as members:
        if sys.stdout.isatty():
            show_hall(facts, keys, language, pace, members)
        else:
            follow(facts, keys, words, members)
        meeting = folder.meeting()
        if all(meeting.phase_of(item.id) is Phase.ANNOUNCED for item in definition.agenda):
            # the terminals still cosign the last close and the final head
            with suppress(subprocess.TimeoutExpired):
                members.wait(START_SECONDS)
        if members.poll() not in (0, None):
            raise DemoFault(words("demo.members", log=folder.path.parent / "members.log"))


def show_hall(
    facts: ProfileFacts, keys: DeviceKeys, language: Language, pace: Pace, members: "subprocess.Popen[bytes]"
) -> None:
    """Run the hall display in this terminal until the meeting is over; without members it leaves too."""
    from pingyi_terminal.hall.app import HallApp  # noqa: PLC0415 - not needed where there is no screen
    from pingyi_terminal.hall.face import Pace as Standing  # noqa: PLC0415 - see above

    standing = Standing(result=pace.standing, page=pace.standing, finale=3 * pace.standing)
    app = HallApp(facts, keys, Memory(), language, follow_end=True, pace=standing)

    def leave_with_members() -> None:
        if members.wait() != 0:
            with suppress(RuntimeError):
                app.call_from_thread(app.exit)

    threading.Thread(target=leave_with_members, daemon=True).start()
    app.run()


def follow(facts: ProfileFacts, keys: DeviceKeys, words: Catalogue, members: "subprocess.Popen[bytes]") -> bool:
    """Print a line at every step until the members are gone or every item is announced, and say whether it is."""
    follower = Follower(words)

    async def listen() -> None:
        follower.session = Session(zmq.asyncio.Context(), facts, keys, Memory(), follower)
        talking = asyncio.create_task(follower.session.run())
        waiting = [asyncio.create_task(follower.until_announced()), asyncio.create_task(gone(members))]
        await asyncio.wait([talking, *waiting], return_when=asyncio.FIRST_COMPLETED)
        # the last broadcast may still be under way when the simulated chair has done its work
        await asyncio.wait([talking, waiting[0]], timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
        for task in (talking, *waiting):
            task.cancel()
        await asyncio.gather(talking, *waiting, return_exceptions=True)

    with suppress(KeyboardInterrupt):
        asyncio.run(listen())
    return follower.done()


async def gone(process: "subprocess.Popen[bytes]") -> None:
    """Wait until a process has ended."""
    while process.poll() is None:  # noqa: ASYNC110 - a process sets no event
        await asyncio.sleep(0.1)


def sit_in(folder: MeetingFolder, definition: Definition, seed: int, words: Catalogue) -> None:
    """Leave the chair console and one seat to the newcomer, and say exactly what to type where."""
    chair = next(person for person in definition.entitled if Role.CHAIR in person.roles)
    own = next(person for person in definition.entitled if person is not chair)
    lines = {}
    for command, person, role in (("chair", chair, Role.CHAIR), ("seat", own, Role.MEMBER)):
        code = encode(issue(folder, definition, Principal(person.number, role)))
        lines[command] = shlex.join(["sh", str(starter(folder.path.parent, command, code, words.language))])
    click.echo(words("demo.sit", chair=lines["chair"], seat=lines["seat"], chair_name=chair.name, seat_name=own.name))
    facts, keys = admit(folder, definition, HALL)
    people = tuple(person.number for person in definition.entitled if person is not own)
    with simulating(folder, Plan(str(folder.path), people, seed, SITTING, chair=False)) as members:
        if follow(facts, keys, words, members) and sys.stdin.isatty():
            # chair and seat still look at the last result: the server stays until the newcomer has seen enough
            with suppress(EOFError, KeyboardInterrupt):
                input(words("demo.sit_end"))


def starter(folder: Path, command: str, code: str, language: Language) -> Path:
    """Write a short script that starts a terminal: with its code the first time, afterwards with its profile."""
    profile = folder / f"{command}-profile"
    start = shlex.join([str(program()), command, "--profile", str(profile), "--lang", language.value])
    script = folder / command
    # what stands after a command can be seen in ps
    first = f"exec {start} - <<END\n{code}\nEND\n"
    script.write_text(f"[ -d {shlex.quote(str(profile))} ] && exec {start}\n{first}", encoding="utf-8")
    return script


def admit(folder: MeetingFolder, definition: Definition, who: Principal) -> tuple[ProfileFacts, DeviceKeys]:
    """Enrol a device with keys that live as long as this process."""
    keys = generate_device_keys()
    with zmq.asyncio.Context() as context:
        return asyncio.run(enrol(context, issue(folder, definition, who), keys)), keys


def take_home(folder: MeetingFolder, definition: Definition, record: Path, words: Catalogue) -> None:
    """Export, print the tables, and verify the record as anyone could."""
    if pingyi("export", folder.path, "--out", record):
        raise DemoFault(words("demo.export"))
    show_tables(words, definition, record / "results.json")
    if pingyi("verify", record / "record.zip"):
        raise DemoFault(words("demo.verify"))


if __name__ == "__main__":
    demo(prog_name="scripts/demo")
