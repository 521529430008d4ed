"""Make codes and put their hashes on the record; the secrets are on the cards and nowhere else."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from pingyi_protocol.keys.enrolment_code import SECRET_BYTES, EnrolmentCode, secret_hash
from pingyi_protocol.meeting.commands import IssueCode
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.progress import Progress
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wording import WordedError
from pingyi_server.clerk import UnansweredError, submitted_all
from pingyi_server.folder import MeetingFolder


class NoneIssuedError(WordedError):
    """Every code was refused."""

    package = "pingyi_server"
    exit_code = 1

    def __init__(self, answers: Sequence[Receipt | Refusal]) -> None:
        """Take the answers to the codes: the first refusal says why."""
        first = next(one for one in answers if isinstance(one, Refusal))
        super().__init__("cards.none_issued", why=WordedError(f"refusal.{first.reason}", **first.values))


@dataclass(frozen=True)
class Issued:
    """What became of codes: the ``answers`` to the first of them, and the ``fault`` that ended it before the last."""

    answers: tuple[Receipt | Refusal, ...]
    fault: WordedError | OSError | None

    @property
    def nothing(self) -> bool:
        """Whether surely no code is on the record: one that was not answered may be."""
        return not any(isinstance(one, Receipt) for one in self.answers) and not isinstance(self.fault, UnansweredError)


def fresh_code(
    folder: MeetingFolder, definition: Definition, principal: Principal, first: str | None = None
) -> EnrolmentCode:
    """Return a new code for somebody, which nobody knows yet; it gives ``first`` before the meeting's addresses."""
    addresses = definition.meeting.addresses
    return EnrolmentCode(
        addresses=addresses if first is None else (first, *(one for one in addresses if one != first)),
        port=definition.meeting.port,
        server_key=folder.clerk_profile().facts.server_key,
        person=principal.person,
        role=principal.role,
        secret=secrets.token_bytes(SECRET_BYTES),
    )


def issue_all(folder: MeetingFolder, codes: Sequence[EnrolmentCode], progress: Progress) -> Issued:
    """Sign and record the codes in turn, and say how far it came."""
    answers: list[Receipt | Refusal] = []

    def heard(answer: Receipt | Refusal) -> None:
        answers.append(answer)
        progress(len(answers), len(codes))

    fault: WordedError | OSError | None = None
    try:
        submitted_all(folder, [IssueCode(code.person, code.role, secret_hash(code.secret)) for code in codes], heard)
    except (WordedError, OSError) as error:
        fault = error
    return Issued(tuple(answers), fault)


def awaiting_chair(meeting: Meeting, codes: Sequence[EnrolmentCode]) -> list[EnrolmentCode]:
    """Return those codes that the chair has to countersign before anybody can take them."""
    return [code for code in codes if secret_hash(code.secret) in meeting.unsigned_codes]
