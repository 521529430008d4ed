"""What chair, clerk and scrutineers see of a key ceremony that could begin."""

from kit.every_kind import MOTION
from kit.secret_book import OPENERS
from kit.secret_play import RESOLVED, SUM, gathered
from pingyi_protocol.meeting.commands import BeginCeremony, RevokeDevice
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import CeremonyBegun, Event
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.picture import from_bitmap


def offered(ceremony: BeginCeremony | None) -> list[str]:
    return [one.person for one in ceremony.scrutineers] if ceremony is not None else []


def test_the_ceremony_that_is_offered_is_taken_as_it_is_and_the_next_one_after_it() -> None:
    play = gathered(SUM, keyed=False)
    for attempt in (1, 2):
        ceremony = play.backstage.ceremony
        assert ceremony is not None
        assert (ceremony.attempt, offered(ceremony)) == (attempt, list(OPENERS))
        outcome: Event | Refusal | None = play.book.chair(ceremony).outcome
        assert isinstance(outcome, CeremonyBegun)


def test_who_has_no_terminal_is_not_offered_and_who_does_not_answer_is_told_apart() -> None:
    play = gathered(SUM, keyed=False)
    play.answering = ("M02", "M04")
    assert from_bitmap(play.backstage.answering) == {1, 3}
    bare = gathered(SUM, keyed=False)
    bare.book.clerk(RevokeDevice("M03", Role.SCRUTINEER, "终端遗失"))
    assert offered(bare.backstage.ceremony) == ["M02", "M04"]


def test_none_is_offered_while_a_secret_round_waits_nor_where_nothing_is_secret() -> None:
    play = gathered(RESOLVED)
    play.book.open(RESOLVED.id)
    assert play.backstage.ceremony is None
    play.book.close()
    assert play.backstage.ceremony is None
    play.book.void()
    assert offered(play.backstage.ceremony) == list(OPENERS)
    openly = gathered(MOTION)
    assert openly.backstage.ceremony is None
