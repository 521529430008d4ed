"""What a person is told when an enrolment does not come about, and what to do. Pure."""

from collections.abc import Iterator

from pingyi_protocol.client.enrolment import EnrolmentRefusedError, NoAnswerError
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_protocol.wording import WordedError
from pingyi_terminal.enrolment.faces import Trouble
from pingyi_terminal.enrolment.steps import DifferentKeyError, OtherRoleError

COMMANDS = {
    Role.MEMBER: "pingyi seat",
    Role.CHAIR: "pingyi chair",
    Role.SCRUTINEER: "pingyi scrutineer",
    Role.HALL: "pingyi hall",
    Role.CLERK: "pingyi clerk",
}
"""The command for a terminal of each role."""


def trouble_words(words: Catalogue, face: Trouble) -> Iterator[str]:
    """Yield a word in large type, what it means, and what to do."""
    match face.fault:
        case NoAnswerError():
            yield words("first.no_answer")
            yield words("first.no_answer_means", **face.server.named)
            yield words("first.no_answer_next")
        case EnrolmentRefusedError(refusal=refusal):
            yield from refused(words, refusal, again=face.again)
        case OtherRoleError(role=role):
            yield words("first.other_role")
            yield words("first.other_role_means", role=words(f"enrol.role_{role}"))
            yield words("first.other_role_next", command=COMMANDS[role])
        case DifferentKeyError():
            yield words("first.differs")
            yield words("first.differs_means")
            yield words("first.differs_next")
        case ReceiptError() as fault:
            yield words("first.unproven")
            yield words("first.unproven_means")
            yield fault.words(words.language)
        case WordedError() as fault:
            yield words("first.failed")
            yield fault.words(words.language)
        case OSError() as fault:
            yield words("first.failed")
            yield words("first.failed_disk", fault=fault.strerror or fault, file=fault.filename or "")
        case fault:
            raise fault


def refused(words: Catalogue, refusal: Refusal, *, again: bool) -> Iterator[str]:
    """Yield why the server does not take the code, or does not take it yet."""
    if refusal.reason is Reason.UNAVAILABLE:
        yield words("first.later")
        yield words("first.unavailable_means")
        yield words("first.unavailable_next")
        return
    yield words("first.later" if again else "first.refused")
    yield catalogue("pingyi_protocol", words.language)(f"refusal.{refusal.reason}", **refusal.values)
    if again:
        yield words("first.later_next")
