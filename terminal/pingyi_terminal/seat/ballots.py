"""The own ballots that are on the record, read from receipts: those that come, and those kept on the disk."""

import logging
from collections.abc import Iterable, Iterator

import msgspec

from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.events import BallotCast, SecretBallotCast
from pingyi_protocol.record.receipt import ReceiptError, code_of, entry_of
from pingyi_protocol.wire.messages import Receipt
from pingyi_terminal.seat.faces import OwnBallot, RoundKey

_log = logging.getLogger(__name__)


def ballot_of(receipt: Receipt) -> tuple[RoundKey, OwnBallot] | None:
    """Return the round and the ballot that a checked receipt proves; None if it is for something else."""
    entry = entry_of(receipt)
    event, code = entry.event, code_of(receipt)
    if isinstance(event, BallotCast):
        return (event.item, event.round), OwnBallot(event.answers, code, entry.time, event.ballot)
    if isinstance(event, SecretBallotCast):
        return (event.item, event.round), OwnBallot((), code, entry.time, event.ballot, sealed=True)
    return None


def ballots_of(receipts: Iterable[Receipt]) -> dict[RoundKey, OwnBallot]:
    """Return the newest own ballot of each round."""
    found = (ballot_of(receipt) for receipt in sorted(receipts, key=lambda receipt: receipt.index))
    return dict(one for one in found if one is not None)


def kept_receipts(profile: Profile) -> Iterator[Receipt]:
    """Yield the receipts in a profile of what is on the record.

    Left out are those of commands that an older copy of the record did not take again, and those that cannot be read,
    which are logged: the record still holds what they are for.
    """
    for path in sorted((profile.folder / "receipts").glob("*.json")):
        if profile.gave_up(path.stem):
            continue
        try:
            receipt = msgspec.json.decode(profile.receipt(path.stem) or b"", type=Receipt)
            entry_of(receipt)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ReceiptError) as fault:
            _log.warning("receipt %s cannot be read: %s", path, fault)
        else:
            yield receipt
