"""Real processes: ``pingyi`` as a person runs it, its screens in a terminal that a test can read and type on."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pyte

from kit.waits import WAIT_SECONDS

PINGYI = Path(sys.executable).with_name("pingyi")
# a size in the environment, as a worker of pytest-xdist has one, would go before the terminal's own
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}} | {
    "PINGYI_LANGUAGE": "zh",
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "LC_ALL": "C.UTF-8",
}
DYING_WITH_US = ("setpriv", "--pdeathsig=KILL")
"""Before a command: when the tests are killed, it ends with them."""

LOCAL_MODES = 3
"""Where ``termios.tcgetattr`` has whether what is typed is shown."""

AGAIN_SECONDS = 5.0

KEYS = {"enter": b"\r", "escape": b"\x1b", "f1": b"\x1bOP", "f2": b"\x1bOQ", "f3": b"\x1bOR"}
KEYS |= {"f4": b"\x1bOS", "f6": b"\x1b[17~", "f8": b"\x1b[19~"}
OPEN: "list[Terminal]" = []
"""The terminals of the test that runs now."""


def pingyi(*arguments: object, code: int = 0) -> str:
    """Run a command to its end and return what it printed; it must end with ``code``."""
    done = subprocess.run(
        [PINGYI, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=WAIT_SECONDS,
        check=False,
    )
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@contextmanager
def server(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run ``pingyi serve`` and wait until it serves; killed at the end if it still runs."""
    # a killed server leaves its file behind
    (folder / "serving.json").unlink(missing_ok=True)
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen([*DYING_WITH_US, PINGYI, "serve", folder], stdout=log, stderr=log, env=ENVIRONMENT)
    try:
        until = time.monotonic() + WAIT_SECONDS
        while not (folder / "serving.json").exists():
            assert process.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


def take_terminal(nohup: bool) -> None:
    """Make standard input the controlling terminal of a new session, which hangs up on it when it is closed."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGHUP, signal.SIG_IGN if nohup else signal.SIG_DFL)
    # who runs the tests in the background has them ignore Ctrl+C, and what they start too
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A program in a terminal of ``columns`` by ``rows``, with what stands on its screen."""

    def __init__(
        self,
        *arguments: object,
        columns: int = 80,
        rows: int = 24,
        nohup: bool = False,
        program: str | Path = PINGYI,
    ) -> None:
        """Run ``pingyi`` there, with ``nohup`` as one who does not end when its terminal is closed."""
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [*DYING_WITH_US, program, *map(str, arguments)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=ENVIRONMENT,
            start_new_session=True,
            preexec_fn=partial(take_terminal, nohup),  # noqa: PLW1509 - no threads matter here
        )
        os.close(slave)
        OPEN.append(self)

    @property
    def text(self) -> str:
        """What stands on the screen now. A wide character is followed by an empty cell, which is left out."""
        return "\n".join(
            "".join(self.screen.buffer[row][column].data for column in range(self.screen.columns)).rstrip()
            for row in range(self.screen.lines)
        )

    def read(self, seconds: float = 0.1) -> None:
        """Take what the program writes within this time."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if ready:
            try:
                self.stream.feed(os.read(self.master, 65536))
            except OSError as gone:
                raise AssertionError(f"the program has ended; last seen:\n{self.text}") from gone

    def until(self, *texts: str) -> str:
        """Wait until all these texts stand on the screen, and return it."""
        end = time.monotonic() + WAIT_SECONDS
        while not all(text in self.text for text in texts):
            assert time.monotonic() < end, f"no {texts} on:\n{self.text}"
            self.read()
        return self.text

    def answer(self, question: str, typed: str) -> None:
        """Type a line where what is typed is not shown; what comes before the program hides it is thrown away."""
        self.until(question)
        end = time.monotonic() + WAIT_SECONDS
        while termios.tcgetattr(self.master)[LOCAL_MODES] & termios.ECHO:
            assert time.monotonic() < end, f"what is typed stands on:\n{self.text}"
            self.read(0.01)
        self.press(typed, "enter")

    def press(self, *keys: str) -> None:
        """Type keys by name, other texts as they are."""
        for key in keys:
            os.write(self.master, KEYS.get(key, key.encode()))
            self.read(0.05)

    def interrupt(self) -> int:
        """Press Ctrl+C as a person does, again where nothing happens, and return how the program ended.

        Python notices a signal that comes between its last look and the read that it waits in only at the next one.
        """
        end = time.monotonic() + WAIT_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < end, f"Ctrl+C does not end:\n{self.text}"
            os.write(self.master, b"\x03")
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(AGAIN_SECONDS)
        self.close()
        return self.process.returncode

    def hang_up(self) -> int:
        """Close the terminal as its window is closed, and return how the program ended."""
        self.close()
        return self.process.wait(WAIT_SECONDS)

    def kill(self) -> None:
        """Kill the program as a power cut would."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.close()

    def close(self) -> None:
        """Close the terminal."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1


def kill_open() -> None:
    """Kill what still runs in a terminal."""
    while OPEN:
        OPEN.pop().kill()
