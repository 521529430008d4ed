"""When a terminal asks for proof: never again and again what was just proved, however busy the hall."""

from unittest.mock import Mock

from kit.factories import small_definition
from kit.hall import Deaf, Memory
from kit.seats import picture
from pingyi_protocol.client import witness
from pingyi_protocol.client.vigil import Vigil
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.keys.signing import generate_signing_key, public_text
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.messages import Cosign, Witnessed, WitnessRequest

SHOWN = picture(small_definition(4))


def vigil(*, sure: bool) -> tuple[Vigil, list[str]]:
    """A watch whose witness always has the same urgent question, and the numbers under which it was asked."""
    server, log = generate_transport_keys().public, public_text(generate_signing_key())
    facts = ProfileFacts("meeting", "name", ("127.0.0.1",), 7610, server, log, "origin", "M02", Role.MEMBER)
    numbers: list[str] = []

    def send(_request: WitnessRequest | Cosign, number: str) -> bool:
        numbers.append(number)
        return True

    watch = Vigil(facts, generate_device_keys(), Memory(), Deaf(), send)
    watch.witness = Mock(sure=sure)
    watch.witness.question.return_value = (WitnessRequest(0, "", 0, ()), witness.Haste.NOW)
    watch.witness.take.return_value = witness.Testimony()
    return watch, numbers


def test_a_proof_newer_than_the_picture_is_not_asked_for_again_before_the_picture_can_follow() -> None:
    watch, numbers = vigil(sure=True)
    watch.look(SHOWN)
    for _ in range(5):
        watch.take(Witnessed("", 0, (), ()), numbers[-1], SHOWN)
    assert len(numbers) == 1


def test_who_is_not_sure_yet_asks_the_next_question_at_once() -> None:
    watch, numbers = vigil(sure=False)
    watch.look(SHOWN)
    for _ in range(5):
        watch.take(Witnessed("", 0, (), ()), numbers[-1], SHOWN)
    assert len(numbers) == 6
