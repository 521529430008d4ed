"""The enrolment socket: anybody may ask which meeting this is, and enrol a device with the secret of a code."""

import secrets

from pingyi_protocol.keys.enrolment_code import secret_hash
from pingyi_protocol.meeting.admission import read_newcomer
from pingyi_protocol.meeting.commands import Enrol
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.messages import (
    EnrolRequest,
    Identity,
    Receipt,
    Refused,
    WireError,
    enrolment_decoder,
    read,
)
from pingyi_server.gateway.answers import Post
from pingyi_server.gateway.door import Door
from pingyi_server.gateway.inlet import Inlet
from pingyi_server.gateway.journal import NEWCOMER
from pingyi_server.gateway.recorder import Recorder, Submission
from pingyi_server.gateway.seats import Route


class Newcomers:
    """Answers those who are not enrolled, one after the other."""

    def __init__(self, recorder: Recorder, door: Door, post: Post, inlet: Inlet) -> None:
        """Enrol into the meeting of ``recorder`` whoever the ``door`` lets speak."""
        self.recorder = recorder
        self.door = door
        self.post = post
        self.inlet = inlet

    async def listen(self) -> None:
        """Answer the requests of one message after the other, until cancelled."""
        while True:
            for parcel in await self.inlet.drained():
                if not self.door.takes_newcomer(parcel.address, parcel.cost):
                    if self.door.bans_device(parcel.device, parcel.address):
                        self.inlet.end(parcel)
                    continue
                if not parcel.whole:
                    continue
                answer = await self.enrolled(parcel.body.bytes)
                if isinstance(answer, Refused) and answer.refusal.reason is Reason.CODE_UNKNOWN:
                    self.door.wrong_code(parcel.address)
                self.post.send(Route(self.inlet.door, parcel.route, parcel.device), parcel.number.bytes, answer)

    async def enrolled(self, body: bytes) -> Identity | Receipt | Refused:
        """Say which meeting this is, or enrol a device that knows a code's secret."""
        try:
            request = read(enrolment_decoder(), body)
        except WireError:
            return self.turned_away("message", Reason.MALFORMED)
        if not isinstance(request, EnrolRequest):
            return self.identity(request.code)
        if not self.is_known(request):
            return self.turned_away("Enrol", Reason.CODE_UNKNOWN)
        command = read_newcomer(request.envelope, request.signing_key)
        if isinstance(command, Refusal):
            return self.turned_away("Enrol", command.reason)
        if not isinstance(command.body, Enrol) or not knows_secret(request.secret, command.body.code):
            return self.turned_away("Enrol", Reason.CODE_UNKNOWN, command.id)
        [answer] = await self.recorder.record([Submission(command, request.envelope, 0)])
        return answer

    def is_known(self, request: EnrolRequest) -> bool:
        """Whether there is such a code, or its device is enrolled and asks again; cheaper than its signature."""
        meeting = self.recorder.meeting
        try:
            code, device = secret_hash(bytes.fromhex(request.secret)), request.envelope.key
        except ValueError:
            return False
        return code in meeting.codes or code in meeting.unsigned_codes or device in meeting.devices

    def turned_away(self, what: str, reason: Reason, command: str = "") -> Refused:
        """Refuse a newcomer, of whom nothing is known that could be believed."""
        self.recorder.refusals.note(NEWCOMER, what, reason)
        return Refused(command, Refusal(reason))

    def identity(self, code: str) -> Identity | Refused:
        """Return which meeting this is, and whom the code with this hash is for."""
        meeting = self.recorder.meeting
        if meeting.definition is None:
            return Refused("", Refusal(Reason.NOTHING_LOADED))
        whom = meeting.codes.get(code)
        if whom is None:
            return self.turned_away("IdentityRequest", Reason.CODE_UNKNOWN)
        return Identity(meeting.id, meeting.definition.meeting.name, meeting.origin, meeting.log_key, *whom)


def knows_secret(secret: str, code: str) -> bool:
    """Whether this hex text is the secret behind an enrolment code."""
    try:
        found = secret_hash(bytes.fromhex(secret))
    except ValueError:
        return False
    return secrets.compare_digest(found.encode(), code.encode())
