"""What the clerk's console keeps: receipts and heads in the clerk's profile, and what waits only while it runs.

The clerk sees on the screen what is on the record and asks again for what is not: an act that came hours later, from an
earlier start, would be a surprise. So the profile is not held, and the acts of ``pingyi clerk`` work beside a console.
"""

from pingyi_protocol.keys.profile import Profile


class Desk:
    """Keeps in memory what waits for an answer, and all else in ``profile``."""

    def __init__(self, profile: Profile) -> None:
        """Begin with nothing on its way."""
        self.profile = profile

    def keep(self, command_id: str, sent: bytes) -> None:
        """Keep nothing: the session holds what it sends."""

    def waiting(self) -> list[tuple[str, bytes]]:
        """Return nothing: an earlier start's acts were its clerk's."""
        return []

    def settle(self, command_id: str, receipt: bytes) -> None:
        """Keep the receipt."""
        self.profile.settle(command_id, receipt)

    def drop(self, command_id: str, reason: str) -> None:
        """Forget what was refused: the screen says it."""

    def head(self) -> str | None:
        """Return the last signed head that was seen."""
        return self.profile.head()

    def remember_head(self, note: str) -> None:
        """Remember a signed head."""
        self.profile.remember_head(note)

    def kept_receipts(self) -> list[bytes]:
        """Return every receipt that was kept."""
        return self.profile.kept_receipts()

    def trust(self) -> bytes | None:
        """Return what is believed of the record besides the head."""
        return self.profile.trust()

    def remember_trust(self, trust: bytes) -> None:
        """Keep what is believed besides the head."""
        self.profile.remember_trust(trust)
