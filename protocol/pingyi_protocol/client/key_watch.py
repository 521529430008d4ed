"""Whether the election key that a server shows is the one that this terminal saw made."""

from pingyi_protocol.meeting.definition import Definition, Secrecy
from pingyi_protocol.meeting.life import LIVE
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.secret.ceremony import ElectionKey, Step
from pingyi_protocol.wire.picture import Picture


class KeyWatch:
    """Remembers the election key, and the ceremony that it came from.

    A server that shows one terminal another key than all others could read that member's ballot. Everybody sees the
    key's fingerprint to compare it; this is what a terminal notices by itself.
    """

    def __init__(self) -> None:
        """Begin without a key."""
        self.key: ElectionKey | None = None
        self.made = 0
        self.continued: tuple[int, ...] = ()

    def look(self, picture: Picture, definition: Definition) -> None:
        """Take the key that ``picture`` shows; ReceiptError where it cannot be the right one."""
        live, key = picture.live, picture.secret.key
        if live is not None and live.phase in LIVE:
            item = definition.item(live.item)
            sealed = item is not None and item.rules.secrecy is Secrecy.SECRET
            # no other key can be made while a secret round is open
            if live.key != (key if sealed else None) or (sealed and key is None):
                raise ReceiptError("receipt.other_election_key")
        if key is None:
            return
        made = attempt_of(picture)
        # an older copy of the record may lack the ceremony, which is then held again
        same = picture.watch.continued == self.continued
        if self.key not in (None, key) and same and made <= self.made:
            raise ReceiptError("receipt.other_election_key")
        self.key, self.made, self.continued = key, made, picture.watch.continued


def attempt_of(picture: Picture) -> int:
    """Return which attempt at a ceremony made the key that is shown: the newest, or the one before while that lasts."""
    ceremony = picture.secret.ceremony
    if ceremony is None:
        return 0
    return ceremony.attempt if ceremony.step is Step.DONE else ceremony.attempt - 1
