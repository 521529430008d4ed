"""Secret rounds as scripts: the key, the ballots, the check of their proofs, the opening, and what is refused."""

from decimal import Decimal

import msgspec
import pytest

from kit.every_kind import CRITERIA, MOTION, QUESTIONED, RATING, SCORE, SELECTION, ruled, scored
from kit.secret_book import OPENERS, SecretBook, secret_hall, secretly
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    Answer,
    BeginCeremony,
    Body,
    Cast,
    Choice,
    CloseMeeting,
    LoadDefinition,
    OpenPart,
    OpenRound,
    OverrideCosigning,
)
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import Item, Opens, Option, Role, Secrecy
from pingyi_protocol.meeting.events import BallotsChecked, CeremonyBegun, CeremonyFailed, ElectionKeyMade, InvalidBallot
from pingyi_protocol.meeting.key_ceremony import next_ceremony, scrutineers
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.meeting.sealed_ballots import ballots_checked
from pingyi_protocol.meeting.unsealing import borne_out
from pingyi_protocol.record.replay import DeviationError
from pingyi_protocol.secret.messages import DealShares, signed_bytes, text_of

change = msgspec.structs.replace
PEOPLE = ("M01", "M02", "M03", "M04", "M05", "M06")


def gathered(*items: Item) -> SecretBook:
    """Six members are there, and the key is made."""
    return SecretBook(secret_hall(*items)).check_in(*PEOPLE).make_key()


def book_scrutineer(person: str) -> Principal:
    return Principal(person, Role.SCRUTINEER)


def score(value: int | None) -> Answer:
    return scored("T01", value)


def test_a_secret_score_is_opened_in_sum_and_announced() -> None:
    book = gathered(secretly(SCORE)).open("score")
    for person, value in zip(PEOPLE, (90, 80, 85, 100, None), strict=False):
        book.seal(person, score(value))
    book.close().unseal().announce()
    [found] = book.figures.targets
    assert (found.scores, found.abstentions, found.not_voted, found.total) == (4, 1, 1, Decimal(355))
    assert (found.measure, found.exact, found.median, found.values) == (Decimal("88.75"), "355/4", None, ())
    book.followed()


# an answer of each kind by member; the differential: secretly and openly the same

BALLOTS: dict[str, list[tuple[Answer, ...]]] = {
    "score": [(score(value),) for value in (90, 80, None, 85, 100, 80)],
    "motion": [(Choice("", option),) for option in (Option.FOR, Option.AGAINST, Option.FOR, Option.ABSTAIN)],
    "rating": [
        (Choice("T01", one), Choice("T02", other))
        for one, other in (
            (Option.SATISFIED, Option.ABSTAIN),
            (Option.NOT_SATISFIED, Option.SATISFIED),
            (Option.BASICALLY_SATISFIED, Option.SATISFIED),
        )
    ],
    "selection": [
        (Choice("T01", Option.CHOSEN), Choice("T02", Option.CHOSEN)),
        (Choice("T01", Option.CHOSEN),),
        (Choice("", Option.ABSTAIN),),
        (Choice("T02", Option.CHOSEN), Choice("T03", Option.CHOSEN)),
    ],
    "questioned": [
        (scored("T01", 90), Choice("T01", Option.FOR), scored("T02", 70), Choice("T02", Option.AGAINST)),
        (scored("T01", None), Choice("T01", Option.ABSTAIN), scored("T02", 71), Choice("T02", Option.FOR)),
        (scored("T01", 95), Choice("T01", Option.FOR), scored("T02", 72), Choice("T02", Option.FOR)),
    ],
    "criteria": [
        tuple(
            scored(target, value, criterion)
            for target in CRITERIA.targets
            for criterion in [one.id for one in CRITERIA.criteria_of(target)] or [""]
        )
        for value in (90, 80, 100, None)
    ],
}
ITEMS = {item.id: item for item in (SCORE, MOTION, RATING, SELECTION, QUESTIONED, CRITERIA)}
TOLD_BY_A_SUM = ("target", "scores", "abstentions", "not_voted", "total", "measure", "exact", "mean", "passed")


@pytest.mark.parametrize(
    ("kind", "opens"),
    [(kind, opens) for kind in sorted(ITEMS) for opens in Opens if (kind, opens) != ("criteria", Opens.DISTRIBUTION)],
)
def test_what_is_opened_is_what_the_same_answers_give_openly(kind: str, opens: Opens) -> None:
    scale: dict[str, dict[str, object]] = {
        "score": {"lowest": "70", "step": "5", "bands": ()},
        "questioned": {"lowest": "60", "bands": ()},
    }
    item = secretly(ITEMS[kind], opens, **scale.get(kind, {}))
    plain = ruled(item, secrecy=Secrecy.OPEN)
    secret, openly = gathered(item).open(kind), gathered(plain).open(kind)
    for person, answers in zip(PEOPLE, BALLOTS[kind], strict=False):
        secret.seal(person, *answers)
        openly.answer(person, *answers)
    mine, theirs = secret.close().unseal().announce().figures, openly.close().announce().figures
    assert (mine.choices, mine.selection) == (theirs.choices, theirs.selection)
    assert (mine.received, mine.present, mine.invalid) == (theirs.received, theirs.present, 0)
    assert [one.criteria for one in mine.targets] == [one.criteria for one in theirs.targets]
    if opens is Opens.DISTRIBUTION:
        assert mine == theirs
    for one, other in zip(mine.targets, theirs.targets, strict=True):
        assert all(getattr(one, field) == getattr(other, field) for field in TOLD_BY_A_SUM)
    secret.followed()


# the key


def test_a_ceremony_goes_step_by_step_on_the_record() -> None:
    book = SecretBook(secret_hall(secretly(MOTION))).begin_ceremony(*OPENERS)
    book.answers("M02")
    message = book.says("M03")
    book.say(book_scrutineer("M04"), message).refused(Reason.KEY_MESSAGE_REFUSED)
    book.say(book_scrutineer("M03"), change(message, digest="A" * 88)).refused(Reason.KEY_MESSAGE_REFUSED)
    book.say(book_scrutineer("M03"), message)
    book.check_in(*PEOPLE)
    book.open("motion").refused(Reason.CEREMONY_UNDERWAY, missing="M04")
    book.make_key("M02", "M04")
    [begun, *_] = [one.event for one in book.entries if isinstance(one.event, CeremonyBegun) and one.event.attempt == 2]
    assert begun.missing == ("M04",)
    key = book.meeting.key
    assert key is not None
    made = book.entries[-1].event
    assert isinstance(made, ElectionKeyMade)
    assert (made.key, made.fingerprint, book.meeting.holders) == (key, key.fingerprint, ("M02", "M04"))
    book.say(book_scrutineer("M02"), message).refused(Reason.NO_CEREMONY)
    book.open("motion")
    book.followed()


def test_who_deals_a_bad_share_is_named_and_another_ceremony_begins() -> None:
    book = SecretBook(secret_hall(secretly(MOTION))).begin_ceremony(*OPENERS)
    for _ in range(2):
        book.answers(*OPENERS)
    book.answers("M02")
    deal = book.says("M03")
    assert isinstance(deal, DealShares)
    signer = book.keys[book_scrutineer("M03")]
    board = book.meeting.ceremony
    assert board is not None
    failed_attempt = board.ceremony.attempt
    bad = change(deal, shares=(text_of(bytes(48)), *deal.shares[1:]))
    # what the dealer's own terminal would never sign
    bad = change(bad, signature=text_of(signer.sign(signed_bytes(board.ceremony, bad)).signature))
    book.say(book_scrutineer("M03"), bad).answers("M04")
    book.answers("M02")
    failed = book.entries[-1].event
    assert isinstance(failed, CeremonyFailed)
    assert (failed.person, failed.at_fault) == ("M02", "M03")
    assert book.meeting.key is None
    again = next_ceremony(book.meeting)
    assert again is not None
    assert again.attempt == failed_attempt + 1
    book.make_key().followed()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"attempt": 2}, Reason.OTHER_CEREMONY),
        ({"attempt": 0}, Reason.OTHER_CEREMONY),
        ({"threshold": 3}, Reason.CEREMONY_MISFIT),
        ({"threshold": 1}, Reason.CEREMONY_MISFIT),
        ({"scrutineers": ()}, Reason.CEREMONY_MISFIT),
    ],
)
def test_a_ceremony_on_other_terms_is_not_begun(changed: dict[str, object], reason: Reason) -> None:
    book = SecretBook(secret_hall(secretly(MOTION))).begin_ceremony(*OPENERS)
    terms = tuple(scrutineers(book.meeting))
    good = BeginCeremony(2, 2, terms)
    fields = {"attempt": 2} | changed if "attempt" not in changed else {"attempt": 3 if changed["attempt"] == 2 else 0}
    book.clerk(change(good, **fields)).refused(reason)
    for wrong in (terms[::-1], terms[:1], (*terms, terms[0]), (change(terms[0], key=terms[1].key), terms[1])):
        book.clerk(change(good, scrutineers=wrong)).refused(Reason.CEREMONY_MISFIT)
    book.clerk(good).followed()


def test_other_scrutineers_make_another_key() -> None:
    book = gathered(secretly(MOTION))
    definition = book.meeting.definition
    assert definition is not None
    book.clerk(LoadDefinition(change(definition, meeting=change(definition.meeting, name="另一名称"))))
    assert book.meeting.holders == OPENERS
    book.clerk(LoadDefinition(change(definition, meeting=change(definition.meeting, threshold=3))))
    assert book.meeting.key is None
    book.open("motion").refused(Reason.NO_ELECTION_KEY)
    assert book.meeting.attempts == 1
    book.followed()


# ballots


def test_a_secret_round_needs_a_key_and_people_to_be_hidden_among() -> None:
    book = SecretBook(secret_hall(secretly(MOTION, least_ballots=5))).check_in(*PEOPLE[:4])
    book.open("motion").refused(Reason.NO_ELECTION_KEY)
    book.make_key().open("motion").refused(Reason.TOO_FEW_PRESENT, present=4, least=5)
    book.check_in("M05", "M06").recuse("M06", "motion").check_out("M05")
    book.open("motion").refused(Reason.TOO_FEW_PRESENT, present=4, least=5)
    book.check_in("M05").open("motion")
    book.followed()


def test_open_and_secret_ballots_are_not_taken_for_each_other() -> None:
    book = gathered(secretly(MOTION), SCORE).open("motion")
    book.answer("M01", Choice("", Option.FOR)).refused(Reason.BALLOT_SECRET)
    sealed = book.sealed("M01", Choice("", Option.FOR))
    book.close().open("score")
    book.member("M01", change(sealed, item="score")).refused(Reason.BALLOT_OPEN)
    book.followed()


def test_a_ballot_in_another_form_is_refused_at_once() -> None:
    book = gathered(secretly(MOTION)).open("motion")
    good = book.sealed("M01", Choice("", Option.FOR))
    [text] = good.sealed
    for texts in ((), (text, text), (text[:-4],), (text + "AAAA",), ("!" + text[1:],), ("",)):
        book.member("M01", change(good, sealed=texts)).refused(Reason.BALLOT_MALFORMED)
    book.member("M01", good).followed()


def test_turnout_presses_recusal_and_voiding_are_those_of_open_rounds() -> None:
    first = secretly(MOTION, press="first")
    book = SecretBook(secret_hall(first)).check_in(*PEOPLE).make_key().recuse("M06", "motion").open("motion")
    book.seal("M01", Choice("", Option.FOR)).seal("M01", Choice("", Option.FOR)).refused(Reason.ALREADY_VOTED)
    book.seal("M06", Choice("", Option.FOR)).refused(Reason.RECUSED)
    assert (book.newest.received, book.newest.not_voted) == (1, 4)
    assert round_figures(book.meeting, book.newest).choices[0].count(Option.FOR) == 0
    sealed = book.sealed("M02", Choice("", Option.FOR))
    book.close().member("M02", sealed).refused(Reason.CLOSED)
    book.check().void().stands(Phase.VOID)
    book.open("motion")
    book.member("M02", change(sealed, round=2))
    for person in ("M01", "M03", "M04"):
        book.seal(person, Choice("", Option.AGAINST))
    book.close()
    wrong = ballots_checked(book.meeting, book.newest)
    assert wrong.invalid == (InvalidBallot("M02", book.newest.ballots["M02"].id, "secret.ballot_proof"),)
    book.unseal().announce()
    assert (book.figures.received, book.figures.invalid) == (4, 1)
    book.followed()


def test_the_last_ballot_that_holds_counts_and_received_never_falls() -> None:
    book = gathered(secretly(MOTION)).open("motion")
    for person in ("M01", "M02", "M03", "M04"):
        book.seal(person, Choice("", Option.AGAINST))
    copied = book.sealed("M02", Choice("", Option.FOR))
    # another member's ballot, in place of the own good one; and one who has no other
    book.member("M03", copied).member("M05", copied)
    book.seal("M04", Choice("", Option.FOR))
    book.close()
    assert book.newest.received == 5
    book.chair(AnnounceRound("motion", 1)).refused(Reason.NOT_UNSEALED)
    book.say(book_scrutineer("M03"), book.count).refused(Reason.BALLOTS_UNCHECKED)
    book.check()
    sealing = book.newest.sealing
    assert sealing is not None
    assert (book.newest.received, book.newest.invalid) == (5, 1)
    assert dict(sealing.invalid.items()) == {"M05": "secret.ballot_proof"}
    book.say(book_scrutineer("M03"), change(book.count, invalid=0)).refused(Reason.CONFIRMATION_MISFIT)
    book.say(book_scrutineer("M03"), change(book.count, invalid=1))
    book.begin_opening().opens("M02", "M04").announce()
    [found] = book.figures.choices
    assert (found.count(Option.FOR), found.count(Option.AGAINST), found.not_voted) == (1, 3, 1)
    book.followed()


def test_of_several_ballots_that_hold_the_newest_counts_also_behind_one_that_does_not() -> None:
    book = gathered(secretly(MOTION)).open("motion")
    for person in ("M01", "M02", "M03"):
        book.seal(person, Choice("", Option.AGAINST))
    book.seal("M03", Choice("", Option.FOR)).member("M03", book.sealed("M01", Choice("", Option.AGAINST)))
    book.close().unseal().announce()
    [found] = book.figures.choices
    assert (found.count(Option.FOR), found.count(Option.AGAINST), book.figures.invalid) == (1, 2, 0)
    book.followed()


# the opening


def voted(*items: Item, ballots: int = 4) -> SecretBook:
    """A closed secret motion, its proofs checked."""
    book = gathered(*(items or (secretly(MOTION),))).open("motion")
    for person in PEOPLE[:ballots]:
        book.seal(person, Choice("", Option.FOR))
    return book.close().check()


def test_too_few_ballots_are_never_opened() -> None:
    book = voted(ballots=2)
    assert book.cosigned(*PEOPLE) is None
    book.override("M03").refused(Reason.TOO_FEW_BALLOTS, ballots=2, least=3)
    book.acting(book_scrutineer("M02"), OpenPart("motion", 1, ("",))).refused(Reason.TOO_FEW_BALLOTS)
    book.void().followed()


def test_a_round_is_opened_on_a_head_that_most_of_those_present_cosigned() -> None:
    book = voted()
    book.acting(book_scrutineer("M02"), OpenPart("motion", 1, ("",))).refused(Reason.OPENING_NOT_BEGUN)
    assert book.cosigned("M01", "M02", "M03") is None
    assert book.cosigned("M01", "M02", "M03", "M03") is None
    begun = book.cosigned("M01", "M02", "M03", "M04")
    assert begun is not None
    assert not borne_out(book.meeting, change(begun, cosignatures=begun.cosignatures[:3]))
    assert not borne_out(book.meeting, change(begun, size=begun.size - 1))
    assert not borne_out(book.meeting, change(begun, root=book.root(3)))
    for item, number in (("motion", 2), ("score", 1), ("none of the agenda", 1)):
        assert not borne_out(book.meeting, change(begun, item=item, round=number))
    book.own(begun)
    assert not borne_out(book.meeting, begun)
    book.override("M03").refused(Reason.OPENING_MISFIT)
    book.opens("M02", "M03").announce().followed()


def test_only_the_chief_scrutineer_overrides_and_says_why() -> None:
    book = voted()
    book.override("M02").refused(Reason.NOT_CHIEF_SCRUTINEER, person="M03")
    book.override("M03", " ").refused(Reason.TEXT_REFUSED)
    early = OverrideCosigning("motion", 1, book.newest.last or 0, book.root(book.newest.last or 0), "断网")
    book.acting(book_scrutineer("M03"), early).refused(Reason.OPENING_MISFIT)
    # a head that is none of the record's does no harm: nothing begins on it, and another one can be named
    wrong = OverrideCosigning("motion", 1, len(book.entries), book.root(3), "断网")
    book.acting(book_scrutineer("M03"), wrong)
    assert book.begun(len(book.entries) - 1, book.root(len(book.entries) - 1)) is None
    book.override("M03").begin_overridden()
    assert book.newest.sealing is not None
    assert book.newest.sealing.override is not None
    assert (book.newest.sealing.override.person, book.newest.sealing.cosigned) == ("M03", 0)
    book.override("M03").refused(Reason.OPENING_MISFIT)
    book.opens("M04", "M02").announce().followed()


def test_a_bad_part_is_named_and_passed_over_and_who_is_missing_too() -> None:
    book = voted().begin_opening()
    bad = book.parts("M03")
    book.acting(book_scrutineer("M02"), bad)
    book.acting(book_scrutineer("M02"), change(bad, parts=()))
    book.acting(book_scrutineer("M02"), change(bad, parts=("x",)))
    sealing = book.newest.sealing
    assert sealing is not None
    assert (sealing.bad, sealing.missing) == (("M02",) * 3, OPENERS)
    book.opens("M04")
    book.acting(book_scrutineer("M04"), bad).refused(Reason.PART_TAKEN)
    book.announce().refused(Reason.NOT_UNSEALED, missing="M02, M03")
    book.chair(CloseMeeting())
    book.followed()


def test_a_round_is_opened_once_and_nobody_else_has_a_part() -> None:
    book = SecretBook(secret_hall(secretly(MOTION))).check_in(*PEOPLE).make_key("M02", "M04").open("motion")
    for person in PEOPLE[:3]:
        book.seal(person, Choice("", Option.FOR))
    book.close()
    book.begin_ceremony(*OPENERS).refused(Reason.ROUND_SEALED)
    book.check().begin_opening()
    parts = book.parts("M04")
    book.acting(book_scrutineer("M03"), parts).refused(Reason.NO_SHARE, person="M03")
    book.opens("M02", "M04")
    book.acting(book_scrutineer("M04"), parts).refused(Reason.NOT_SEALED)
    book.announce().acting(book_scrutineer("M04"), parts).refused(Reason.ALREADY_ANNOUNCED)
    book.open("motion").acting(book_scrutineer("M04"), change(parts, round=2)).refused(Reason.NOT_CLOSED)
    book.followed()


def test_what_the_server_says_of_the_proofs_is_checked_again() -> None:
    book = gathered(secretly(MOTION)).open("motion")
    for person in PEOPLE[:4]:
        book.seal(person, Choice("", Option.FOR))
    early = BallotsChecked("motion", 1, ())
    assert not borne_out(book.meeting, early)
    book.close()
    ballot = book.newest.ballots["M01"].id
    slandered = change(early, invalid=(InvalidBallot("M01", ballot, "secret.ballot_proof"),))
    assert not borne_out(book.meeting, slandered)
    assert borne_out(book.meeting, early)
    book.own(early)
    assert not borne_out(book.meeting, early)
    book.own(slandered)
    with pytest.raises(DeviationError) as caught:
        book.followed()
    assert caught.value.key == "deviation.unsigned"


# what can be said of a secret round in every state of it: one table of its own

WHY = {
    "+": None,
    "A": Reason.ALREADY_ANNOUNCED,
    "C": Reason.CLOSED,
    "f": Reason.TOO_FEW_BALLOTS,
    "M": Reason.OPENING_MISFIT,
    "n": Reason.NOT_CLOSED,
    "N": Reason.NOT_UNSEALED,
    "O": Reason.ROUND_OPEN,
    "o": Reason.OPENING_NOT_BEGUN,
    "R": Reason.ROUND_SEALED,
    "S": Reason.BALLOT_SECRET,
    "u": Reason.BALLOTS_UNCHECKED,
    "V": Reason.ROUND_VOID,
    "w": Reason.VOID_WAITS,
    "z": Reason.NOT_SEALED,
}
# open, closed, checked, checked with too few ballots, checked and declared void, opening begun, opened, announced, void
STATES = """
                   op cl ch fe vp be un an vo
Cast               S  C  C  C  C  C  C  C  V
CastSecret         +  C  C  C  C  C  C  C  V
ConfirmRound       n  u  +  +  +  +  +  A  V
OverrideCosigning  n  u  +  f  w  M  z  A  V
OpenPart           n  u  o  f  w  +  z  A  V
AnnounceRound      n  N  N  N  N  N  +  A  V
OpenRound          O  +  +  +  w  +  +  +  +
BeginCeremony      R  R  R  R  R  R  +  +  +
CloseMeeting       O  +  +  +  w  +  +  +  +
"""
PLACES, *ROWS = (line.split() for line in STATES.strip().splitlines())
CELLS = [(row[0], state, WHY[cell]) for row in ROWS for state, cell in zip(PLACES, row[1:], strict=True)]


def brought(state: str) -> SecretBook:
    """A secret motion in this state, of three ballots or, for too few, two."""
    book = gathered(secretly(MOTION)).enrol("M01", Role.CHAIR).open("motion")
    for person in PEOPLE[: 2 if state == "fe" else 3]:
        book.seal(person, Choice("", Option.FOR))
    if state == "op":
        return book
    book.close()
    if state == "cl":
        return book
    if state == "vo":
        return book.check().void()
    book.check()
    if state in ("ch", "fe"):
        return book
    if state == "vp":
        return book.propose_void()
    book.begin_opening()
    if state != "be":
        book.opens("M02", "M03")
    return book.announce() if state == "an" else book


def said_of(book: SecretBook, name: str) -> tuple[Principal, Body]:
    """Who says this of the round, well formed wherever it can be."""
    one, chair = book.newest, Principal("M01", Role.CHAIR)
    sealing = one.sealing
    assert sealing is not None
    begun = bool(sealing.counts) and not sealing.unsealed
    size = len(book.entries)
    terms = scrutineers(book.meeting)
    said: dict[str, tuple[Principal, Body]] = {
        "Cast": (Principal("M04", Role.MEMBER), Cast("motion", 1, (Choice("", Option.FOR),))),
        "CastSecret": (Principal("M04", Role.MEMBER), book.sealed("M04", Choice("", Option.FOR))),
        "ConfirmRound": (book_scrutineer("M03"), change(book.count, invalid=one.invalid)),
        "OverrideCosigning": (
            book_scrutineer("M03"),
            OverrideCosigning("motion", 1, size, book.root(), "两台终端断线"),
        ),
        "OpenPart": (book_scrutineer("M03"), book.parts("M03") if begun else OpenPart("motion", 1, ("",))),
        "AnnounceRound": (chair, AnnounceRound("motion", 1)),
        "OpenRound": (chair, OpenRound("motion", 2)),
        "BeginCeremony": (chair, BeginCeremony(2, 2, terms)),
        "CloseMeeting": (chair, CloseMeeting()),
    }
    return said[name]


@pytest.mark.parametrize(("name", "state", "reason"), CELLS, ids=[f"{cell[0]}-{cell[1]}" for cell in CELLS])
def test_what_is_said_of_a_secret_round_leads_to_what_the_table_says(
    name: str, state: str, reason: Reason | None
) -> None:
    book = brought(state)
    before = book.meeting
    book.say(*said_of(book, name))
    if reason is None:
        book.followed()
    else:
        book.refused(reason)
        assert book.meeting is before
