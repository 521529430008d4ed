"""A recorder on the wire: all bytes of a whole meeting, both ways, hold nothing of it in the clear."""

import base64
import random
from pathlib import Path

import msgspec

from kit.hall import free_port, open_hall
from kit.proxy import SOCKETS, proxied
from kit.secrets_sought import forms, found_in, sought
from kit.whole_meeting import WholeMeeting, definition
from pingyi_protocol.keys.enrolment_code import EnrolmentCode
from pingyi_protocol.wire.introduction import introduction


async def test_the_bytes_of_a_whole_meeting_hold_no_name_item_score_or_code_in_the_clear(tmp_path: Path) -> None:
    luck = random.Random(6)  # noqa: S311 - weather, not a key
    async with open_hall(tmp_path, definition(free_port())) as hall, proxied(hall.port, luck) as proxy:
        proxy.tape = []

        def by_the_proxy(code: EnrolmentCode) -> EnrolmentCode:
            return msgspec.structs.replace(code, port=proxy.port)

        meeting = WholeMeeting(hall, by_the_proxy)
        await meeting.hold()
        tape, said = proxy.tape, meeting.secrets
        leaves = b"\n".join(body for _, body in hall.recorder.ledger.store.leaves())
        server_key = hall.folder.server_keys().transport.public
    wanted = sought([*said.keys, *said.ballots, *said.refused, *said.about])
    assert {(place, way) for place, way, data in tape if data} >= {
        *((place, way) for place in range(3) for way in ("to", "from")),
        (3, "from"),
    }
    assert sum(len(data) for _, _, data in tape) > 100_000
    for place, way, data in tape:
        assert found_in(bytes(data), wanted) == set(), (place, way)
    # the fourth port tells the server's public key and nothing else, and hears nothing
    told = {(way, bytes(data)) for place, way, data in tape if place == SOCKETS - 1}
    assert told == {("to", b""), ("from", introduction(server_key))}
    # what was looked for is there to be found: on the record it stands in the clear
    plain = leaves + leaves.replace(b"\\", b"")
    assert found_in(plain, wanted) == {name for name, _ in (*said.ballots, *said.about)}


def test_a_secret_is_found_in_each_of_its_forms() -> None:
    secret = bytes(range(200, 212))
    for form in forms(secret):
        assert found_in(b"noise" + form + b"noise", sought([("it", secret)])) == {"it"}
    for lead in range(7):
        whole = base64.b64encode(bytes(lead) + secret + b"behind")
        assert found_in(whole, sought([("it", secret)])) == {"it"}, lead
