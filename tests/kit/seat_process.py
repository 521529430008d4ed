"""A seat without a screen, as a process that a test can kill: ``python seat_process.py PROFILES [SCORE]``.

With a score it presses once, as soon as it sees the open round; without, it only sends what waits on the disk. It
says each step in a line on standard output and ends when nothing is outstanding.
"""

import asyncio
import sys
from decimal import Decimal
from pathlib import Path

import zmq.asyncio

from kit.hall import Deaf
from pingyi_protocol.client.session import Session
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.commands import Cast, Score
from pingyi_protocol.meeting.definition import Role


async def attend(profile: Profile, score: int | None) -> None:
    """Take part until the ballot has its receipt."""
    ear = Deaf()
    session = Session(zmq.asyncio.Context.instance(), profile.facts, profile.unlock(), profile, ear)
    say(f"waiting {len(session.outstanding)}")
    running = asyncio.create_task(session.run())
    while session.picture is None:
        ear.changed.clear()
        await ear.changed.wait()
    if score is not None:
        say("pressing")
        session.submit(Cast("1", 1, (Score("T01", "", Decimal(score)),)))
        say("pressed")
    while session.outstanding:
        ear.changed.clear()
        await ear.changed.wait()
    say(f"done {len(ear.alarms)}")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def say(line: str) -> None:
    """Write a line at once."""
    print(line, flush=True)  # noqa: T201 - how it speaks to the test


def main() -> None:
    """Run with the newest member's profile below the given folder."""
    [profile, *_] = Profile.find(Path(sys.argv[1]), Role.MEMBER)
    with profile.held():
        asyncio.run(attend(profile, int(sys.argv[2]) if len(sys.argv) > 2 else None))


if __name__ == "__main__":
    main()
