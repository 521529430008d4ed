"""The tables that people query, of a meeting that holds every kind of item: made from the ledger, and held to it."""

from decimal import Decimal

import pytest
from sqlalchemy import select, text, update

from kit.kinds import every_kind, whole_definition
from kit.records import LOG, ORIGIN, Scribe, told
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.record.checkpoint import parse_note_body
from pingyi_protocol.record.cosignatures import body_of
from pingyi_server.ledger.audit import audit
from pingyi_server.ledger.projection import rebuild
from pingyi_server.ledger.sql_store import SqlStore
from pingyi_server.ledger.tables import CHOICE, COMPONENT_SCORE, COMPOSITE, ITEM, MEMBER, OUTCOME, RESULT, ROUND, VOTE

KEY = public_text(LOG)


@pytest.fixture
def store(database_url: str) -> SqlStore:
    """The whole meeting, batch by batch, the query tables filled."""
    scribe, _ = told(Scribe(whole_definition()))
    every_kind(scribe)
    record = scribe.finish()
    store = SqlStore(database_url)
    before = 0
    for note in record.notes:
        size = parse_note_body(body_of(note)).size
        store.append(before, record.leaves[before:size], note)
        before = size
    rebuild(store, scribe.meeting)
    return store


def test_the_tables_agree_with_the_ledger(store: SqlStore) -> None:
    found = audit(store, KEY, ORIGIN)
    assert (found.findings, found.told) == ([], found.size)
    with store.writing() as connection:
        connection.execute(update(VOTE).where(VOTE.c.item == "3", VOTE.c.option == "for").values(count=6))
    [finding] = audit(store, KEY, ORIGIN).findings
    assert str(finding) == "Table vote, row 3, 1, for: count is 6, and by the ledger 3."
    store.close()


def test_people_can_query_choices_outcomes_and_what_was_by_hand(store: SqlStore) -> None:
    with store.reading() as connection:
        said = text("""
            select member.name, choice.option from choice join member on member.number = choice.member
            where choice.item = '3' order by member.number
        """)
        answers = ["for", "against", "for", "for"]
        assert connection.execute(said).all() == [(f"委员0{place}", one) for place, one in enumerate(answers, 1)]
        chosen = select(OUTCOME.c.round, OUTCOME.c.target, OUTCOME.c.outcome).where(OUTCOME.c.item == "5")
        assert sorted(connection.execute(chosen).all()) == [
            (1, "T01", "selected"),
            (1, "T02", "tied"),
            (1, "T03", "tied"),
            (2, "T02", "not_selected"),
            (2, "T03", "selected"),
        ]
        blank = select(VOTE.c.count).where(VOTE.c.item == "5", VOTE.c.round == 1, VOTE.c.option == "abstain")
        assert connection.execute(blank).scalar_one() == 1
        manual = select(ROUND.c.manual, ROUND.c.invalid, ROUND.c.received, ROUND.c.confirmed).where(ROUND.c.item == "7")
        assert connection.execute(manual).one() == ("表决器故障，举手表决", 1, 4, "M03")
        scored = select(RESULT.c.measure, RESULT.c.passed).where(RESULT.c.item == "6")
        assert connection.execute(scored).one() == (Decimal("78.67"), False)
    store.close()


def test_people_can_query_the_composites_and_what_they_are_made_of(store: SqlStore) -> None:
    with store.reading() as connection:
        best = select(COMPOSITE.c.target_name, COMPOSITE.c.band, COMPOSITE.c.announced).where(COMPOSITE.c.rank == 1)
        assert connection.execute(best).one() == ("文化和旅游局", "优秀", True)
        parts = select(COMPONENT_SCORE.c.name, COMPONENT_SCORE.c.score, COMPONENT_SCORE.c.weight).where(
            COMPONENT_SCORE.c.target == "T01", COMPONENT_SCORE.c.component == "C2"
        )
        found = connection.execute(parts.order_by(COMPONENT_SCORE.c.part)).all()
        # 80 % of 66/70 and 20 % of 67/70; 40 at 100 and 5 at 60; 60 % and 40 % of these
        assert found == [
            ("社会各界评价", Decimal("94.97"), Decimal(25)),
            ("12345大数据分析", Decimal("94.57"), Decimal(60)),
            ("群众问卷", Decimal("95.56"), Decimal(40)),
        ]
    store.close()


def test_attendance_kinds_and_withdrawals_are_told_and_trial_votes_are_not(store: SqlStore) -> None:
    with store.reading() as connection:
        there = dict(map(tuple, connection.execute(select(MEMBER.c.number, MEMBER.c.attendance))))
        shown = [there[who] for who in ("M01", "M05", "M06", "A01")]
        assert shown == ["present", "left", "excused", "without_vote"]
        in_order = connection.execute(select(ITEM.c.id, ITEM.c.kind).order_by(ITEM.c.place))
        kinds = [(item, kind) for item, kind in in_order]
        assert dict(kinds) == {
            "1": "score", "2": "score", "3": "motion", "4": "rating", "5": "selection", "6": "score",
            "8": "motion", "7": "motion",
        }  # fmt: skip
        assert [item for item, _ in kinds][-2:] == ["8", "7"]
        withdrawn = select(ITEM.c.id, ITEM.c.reason).where(ITEM.c.phase == "withdrawn")
        assert connection.execute(withdrawn).all() == [("8", "提案人撤回")]
        for table in (ROUND, CHOICE):
            assert "trial" not in set(connection.execute(select(table.c.item)).scalars())
    store.close()
