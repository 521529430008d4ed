"""Cards as they are scanned and typed: codes, and what comes of them key by key."""

from collections.abc import Iterator

from pingyi_protocol.keys.enrolment_code import EnrolmentCode, encode
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.keys.typed_code import typed
from pingyi_protocol.meeting.definition import Role
from pingyi_terminal.enrolment.entry import EMPTY, Code, Entry, with_key

SCANNER_SECONDS = 0.005
HAND_SECONDS = 0.3
SERVER_KEY = generate_transport_keys().public


def some_code(role: Role = Role.MEMBER, person: str = "M02", secret: bytes = bytes(range(1, 13))) -> EnrolmentCode:
    """A code of a server that is nowhere."""
    return EnrolmentCode(("192.0.2.7",), 5570, SERVER_KEY, person, role, secret)


def scanned(code: EnrolmentCode) -> str:
    """What a scanner types."""
    return encode(code)


def groups(code: EnrolmentCode) -> list[str]:
    """The groups that stand on the card."""
    text = typed(code)
    assert text is not None
    return text.split()


def misread(group: str) -> str:
    """A group with its first digit mistaken."""
    return str((int(group[0]) + 1) % 10) + group[1:]


class Hand:
    """Types on an entry, with a clock of its own: seconds between two keys are those of a scanner or of a hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.state: Entry | Code = EMPTY

    @property
    def entry(self) -> Entry:
        """The entry; it has not become a code yet."""
        assert isinstance(self.state, Entry)
        return self.state

    def wait(self, seconds: float) -> "Hand":
        """Let time pass."""
        self.now += seconds
        return self

    def keys(self, text: str, seconds: float) -> Iterator[Entry | Code]:
        """Type a text, with so many seconds before each key, up to a code."""
        for character in text:
            self.now += seconds
            self.state = with_key(self.entry, character, self.now)
            yield self.state
            if not isinstance(self.state, Entry):
                return

    def scan(self, text: str, seconds: float = SCANNER_SECONDS) -> "Hand":
        """Type as a scanner does, after a moment."""
        self.wait(HAND_SECONDS)
        list(self.keys(text, seconds))
        return self

    def type(self, text: str) -> "Hand":
        """Type by hand."""
        list(self.keys(text, HAND_SECONDS))
        return self
