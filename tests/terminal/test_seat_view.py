from decimal import Decimal

import msgspec
import pytest
from rich.cells import cell_len

from kit.factories import live_rules, small_definition
from kit.seats import StillSession, ballot, figures_of, picture, receipt_of
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import Cast, CheckIn, Command
from pingyi_protocol.meeting.definition import Language, Press, Role
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError, code_of
from pingyi_protocol.text import catalogue
from pingyi_protocol.wire.picture import Head
from pingyi_terminal.seat.ballots import ballots_of
from pingyi_terminal.seat.draft import ABSTENTION, Stage, blank, draft_of, replace
from pingyi_terminal.seat.entering import scored
from pingyi_terminal.seat.faces import (
    Agenda,
    Alarm,
    Arrival,
    Aside,
    Closed,
    Connecting,
    Details,
    Filling,
    Help,
    Leaving,
    OwnBallot,
    Recorded,
    Recused,
    Result,
    Sent,
    TakenOver,
    Voided,
)
from pingyi_terminal.seat.form import form_of
from pingyi_terminal.seat.screen import strip_of
from pingyi_terminal.seat.situation import RefusedBallot, Situation
from pingyi_terminal.seat.view import face_of

DEFINITION = small_definition(5)
FORM = form_of(DEFINITION.agenda[0])
KEY = ("1", 1)
CAST = ballot("1", ("T01", 92))
COMMAND = StillSession().command(CAST)
OWN = ballots_of([receipt_of(COMMAND)])
DRAFT = {KEY: scored(blank(FORM), Decimal(92))}
LATE = {KEY: RefusedBallot(CAST, Refusal(Reason.CLOSED))}


def situation(**changes: object) -> Situation:
    facts: dict[str, object] = {
        "person": "M02",
        "definition": DEFINITION,
        "picture": picture(DEFINITION),
        "link": Link.UP,
    }
    return Situation(**(facts | changes))  # type: ignore[arg-type]  # the caller names real fields


def test_a_void_round_says_so_to_everybody_who_is_present_and_the_next_one_begins_blank() -> None:
    void = picture(DEFINITION, item="1", phase=Phase.VOID, voted=(1,), reason="停电")
    face = face_of(situation(picture=void, ballots=OWN, drafts=DRAFT))
    assert isinstance(face, Voided)
    assert (face.reason, face.voted) == ("停电", True)
    face = face_of(situation(picture=picture(DEFINITION, item="1", phase=Phase.VOID)))
    assert isinstance(face, Voided)
    assert not face.voted
    again = face_of(situation(picture=picture(DEFINITION, item="1", number=2), ballots=OWN, drafts=DRAFT))
    assert isinstance(again, Filling)
    assert (again.draft, again.earlier) == (blank(FORM), None)


def test_a_recused_member_gets_no_ballot_and_is_not_told_that_one_is_missing() -> None:
    for phase in (Phase.OPEN, Phase.PAUSED, Phase.CLOSED):
        assert isinstance(face_of(situation(picture=picture(DEFINITION, item="1", phase=phase, recused=(1,)))), Recused)
    figures = (figures_of(DEFINITION, "1", 90, 80),)
    shown = picture(DEFINITION, item="1", phase=Phase.ANNOUNCED, recused=(1,), figures=figures)
    face = face_of(situation(picture=shown))
    assert isinstance(face, Result)
    assert not face.missed
    idle = face_of(situation(picture=picture(DEFINITION, recused=(1,))))
    assert isinstance(idle, Agenda)
    assert all(line.recused for line in idle.lines)
    other = face_of(situation(picture=picture(DEFINITION, item="1", recused=(2,))))
    assert isinstance(other, Filling)


def test_before_the_server_was_heard_it_connects_and_says_what_waits() -> None:
    face = face_of(situation(definition=None, picture=None, link=Link.CONNECTING, outstanding=(COMMAND,)))
    assert isinstance(face, Connecting)
    assert face.waiting == 1


@pytest.mark.parametrize(
    ("present", "outstanding", "arrival"),
    [
        ((0,), (), Arrival.NEEDED),
        ((0,), (Command("m", "0" * 32, "M02", Role.MEMBER, "", CheckIn()),), Arrival.SENT),
        ((0, 1), (), Arrival.DONE),
    ],
)
def test_the_agenda_says_whether_the_member_is_present(
    present: tuple[int, ...], outstanding: tuple[Command, ...], arrival: Arrival
) -> None:
    face = face_of(situation(picture=picture(DEFINITION, present=present), outstanding=outstanding))
    assert isinstance(face, Agenda)
    assert (face.arrival, face.present, face.due, face.quorum) == (arrival, len(present), 5, 3)
    assert [line.title for line in face.lines] == ["文化和旅游局整改评议", "两局整改评议"]


def test_who_attends_without_a_vote_sees_the_agenda_even_while_a_round_is_open() -> None:
    face = face_of(situation(person="A01", picture=picture(DEFINITION, item="1")))
    assert isinstance(face, Agenda)
    assert face.arrival is Arrival.NO_VOTE


def test_an_open_item_comes_up_by_itself_with_targets_problems_and_draft() -> None:
    face = face_of(situation(picture=picture(DEFINITION, item="1"), remaining=107_001, drafts=DRAFT))
    assert isinstance(face, Filling)
    assert [target.name for target in face.targets] == ["文化和旅游局"]
    assert [problem.title for problem in face.problems[0]] == ["公共阅读场所偏少、分布不均"]
    assert face.draft == DRAFT[KEY]
    assert (face.head.key, face.head.items, face.head.seconds, face.head.paused) == (("1", 1), 2, 108, False)


def test_who_is_not_checked_in_gets_no_ballot() -> None:
    face = face_of(situation(picture=picture(DEFINITION, item="1", present=(0,))))
    assert isinstance(face, Agenda)
    assert face.arrival is Arrival.NEEDED


@pytest.mark.parametrize("link", [Link.UP, Link.LOST, Link.CONNECTING])
@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.PAUSED, Phase.CLOSED])
@pytest.mark.parametrize("present", [(0,), (0, 1)])
def test_a_signed_ballot_without_an_answer_is_shown_as_on_its_way(
    link: Link, phase: Phase, present: tuple[int, ...]
) -> None:
    shown = picture(DEFINITION, item="1", phase=phase, present=present)
    face = face_of(situation(picture=shown, link=link, lost_seconds=14.7, outstanding=(COMMAND,)))
    assert isinstance(face, Sent)
    assert face.answers == CAST.answers
    assert face.frame.lost == (0 if link is Link.UP else 14)


def test_only_a_receipt_makes_a_ballot_recorded() -> None:
    voted = picture(DEFINITION, item="1", voted=(0, 1))
    face = face_of(situation(picture=voted, ballots=OWN))
    assert isinstance(face, Recorded)
    assert face.ballot is not None
    assert face.ballot.code == code_of(receipt_of(COMMAND))
    assert face.ballot.answers == CAST.answers
    assert (face.open, face.may_change, face.received, face.base) == (True, True, 2, 4)


def test_a_ballot_of_another_terminal_is_recorded_without_a_code() -> None:
    face = face_of(situation(picture=picture(DEFINITION, item="1", voted=(1,))))
    assert isinstance(face, Recorded)
    assert face.ballot is None


def test_a_draft_over_a_recorded_ballot_shows_the_earlier_one() -> None:
    face = face_of(situation(picture=picture(DEFINITION, item="1", voted=(1,)), ballots=OWN, drafts=DRAFT))
    assert isinstance(face, Filling)
    assert face.earlier == OWN[KEY]


def test_where_the_first_press_counts_nothing_can_be_changed() -> None:
    first = small_definition(5, rules=live_rules(press=Press.FIRST))
    face = face_of(situation(definition=first, picture=picture(first, item="1", voted=(1,)), ballots=OWN))
    assert isinstance(face, Recorded)
    assert not face.may_change


def test_closed_without_a_ballot_is_said_with_what_was_typed() -> None:
    closed = picture(DEFINITION, item="1", phase=Phase.CLOSED)
    face = face_of(situation(picture=closed, drafts=DRAFT))
    assert isinstance(face, Closed)
    assert (face.late, face.unsent, face.voted, face.ballot) == (None, DRAFT[KEY].entries, False, None)


@pytest.mark.parametrize("phase", [Phase.CLOSED, Phase.ANNOUNCED])
@pytest.mark.parametrize("published", [False, True])
@pytest.mark.parametrize("own", [OWN, {}])
def test_a_change_that_was_not_sent_is_said_and_the_earlier_ballot_counts(
    phase: Phase, published: bool, own: dict[tuple[str, int], OwnBallot]
) -> None:
    figures = (figures_of(DEFINITION, "1", 92, 88),) if published else ()
    closed = picture(DEFINITION, item="1", phase=phase, voted=(1,), figures=figures)
    change = {KEY: scored(blank(FORM), Decimal(55))}
    face = face_of(situation(picture=closed, ballots=own, drafts=change))
    assert isinstance(face, Result if published and phase is Phase.ANNOUNCED else Closed)
    assert (face.unsent, face.ballot) == (change[KEY].entries, own.get(KEY))


def test_a_change_that_was_begun_and_changed_nothing_is_no_loss() -> None:
    closed = picture(DEFINITION, item="1", phase=Phase.CLOSED, voted=(1,))
    same = {KEY: draft_of(CAST.answers, FORM, changing=True)}
    assert isinstance(face_of(situation(picture=closed, ballots=OWN, drafts=same)), Recorded)
    abstaining = {KEY: replace(same[KEY], stage=Stage.ABSTAINING)}
    face = face_of(situation(picture=closed, ballots=OWN, drafts=abstaining))
    assert isinstance(face, Closed)
    assert face.unsent == (ABSTENTION,)


@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.CLOSED])
def test_a_ballot_refused_as_late_is_said_to_count_for_nothing(phase: Phase) -> None:
    face = face_of(situation(picture=picture(DEFINITION, item="1", phase=phase), refused=LATE))
    assert isinstance(face, Closed)
    assert face.late == CAST.answers


def test_a_late_change_leaves_the_earlier_ballot() -> None:
    closed = picture(DEFINITION, item="1", phase=Phase.CLOSED, voted=(1,))
    face = face_of(situation(picture=closed, ballots=OWN, refused=LATE))
    assert isinstance(face, Closed)
    assert face.ballot == OWN[KEY]


def test_another_refusal_goes_back_to_the_draft_with_its_reason() -> None:
    refused = {KEY: RefusedBallot(CAST, Refusal(Reason.NOT_PRESENT, {"person": "M02"}))}
    face = face_of(situation(picture=picture(DEFINITION, item="1"), refused=refused, drafts=DRAFT))
    assert isinstance(face, Filling)
    assert face.complaint == Refusal(Reason.NOT_PRESENT, {"person": "M02"})


def test_closed_with_a_ballot_waits_and_then_shows_the_result() -> None:
    closed = picture(DEFINITION, item="1", phase=Phase.CLOSED, voted=(1,))
    waiting = face_of(situation(picture=closed, ballots=OWN))
    assert isinstance(waiting, Recorded)
    assert not waiting.open
    figures = figures_of(DEFINITION, "1", 92, 88)
    announced = picture(DEFINITION, item="1", phase=Phase.ANNOUNCED, voted=(1,), figures=(figures,))
    face = face_of(situation(picture=announced, ballots=OWN))
    assert isinstance(face, Result)
    assert (face.figures, face.missed, face.late) == (figures, False, False)


def test_figures_published_at_the_close_do_not_hide_that_nothing_was_counted() -> None:
    figures = (figures_of(DEFINITION, "1", 92, 88),)
    closed = picture(DEFINITION, item="1", phase=Phase.CLOSED, figures=figures)
    assert isinstance(face_of(situation(picture=closed)), Closed)
    announced = picture(DEFINITION, item="1", phase=Phase.ANNOUNCED, figures=figures)
    face = face_of(situation(picture=announced, refused=LATE))
    assert isinstance(face, Result)
    assert (face.missed, face.late) == (True, True)


def test_who_came_after_the_close_missed_nothing() -> None:
    closed = picture(DEFINITION, item="1", phase=Phase.CLOSED, present=(0, 2))
    here = picture(DEFINITION, present=(0, 1, 2)).present
    closed = msgspec.structs.replace(closed, present=here)
    face = face_of(situation(picture=closed))
    assert isinstance(face, Agenda)


def test_a_device_that_was_replaced_and_a_record_that_does_not_fit_come_first() -> None:
    shown = picture(DEFINITION, item="1")
    for link in (Link.REVOKED, Link.ELSEWHERE, Link.TAKEN_OVER):
        assert isinstance(face_of(situation(picture=shown, link=link)), TakenOver)
    fault = ReceiptError("receipt.no_leaf")
    face = face_of(situation(picture=shown, link=Link.REVOKED, alarm=fault))
    assert isinstance(face, Alarm)
    assert face.fault is fault


@pytest.mark.parametrize(("aside", "kind"), [(Aside.HELP, Help), (Aside.LEAVING, Leaving), (Aside.DETAILS, Details)])
def test_what_is_looked_up_lies_over_the_ballot(aside: Aside, kind: type) -> None:
    assert isinstance(face_of(situation(picture=picture(DEFINITION, item="1"), aside=aside)), kind)


def test_the_agenda_can_be_looked_up_after_voting_with_own_score_and_measure() -> None:
    figures = (figures_of(DEFINITION, "1", 92, 88),)
    announced = picture(DEFINITION, item="1", phase=Phase.ANNOUNCED, voted=(1,), figures=figures)
    face = face_of(situation(picture=announced, ballots=OWN, aside=Aside.AGENDA))
    assert isinstance(face, Agenda)
    assert face.aside
    assert (face.lines[0].measure, face.lines[0].ballot) == ("90.00", OWN[KEY])
    assert face.lines[1].phase is Phase.PENDING


def test_the_newest_receipt_of_a_round_is_the_own_ballot() -> None:
    later = StillSession().command(Cast("1", 1, ballot("1", ("T01", 95)).answers))
    found = ballots_of([receipt_of(later, index=50), receipt_of(COMMAND, index=40)])
    assert found[KEY].answers == ballot("1", ("T01", 95)).answers


@pytest.mark.parametrize("language", Language)
def test_after_the_end_every_face_says_so_with_the_final_fingerprint(language: Language) -> None:
    words = catalogue("pingyi_terminal", language)
    shown = picture(DEFINITION, item="1")
    final = msgspec.structs.replace(shown, closed=True, head=Head(9, "K7M2-Q9XD-4TRB-8W3F"))
    for picture_shown, said in ((shown, ""), (final, words("seat.final", code="K7M2-Q9XD-4TRB-8W3F"))):
        face = face_of(situation(picture=picture_shown))
        assert strip_of(words, face, translates=True) == said
        assert cell_len(said) <= 79


def test_a_ballot_that_came_after_the_end_of_the_meeting_is_said_to_be_late() -> None:
    shown = msgspec.structs.replace(picture(DEFINITION, item="1", phase=Phase.CLOSED), closed=True)
    late = {KEY: RefusedBallot(CAST, Refusal(Reason.MEETING_CLOSED))}
    face = face_of(situation(picture=shown, refused=late))
    assert isinstance(face, Closed)
    assert face.late == CAST.answers
