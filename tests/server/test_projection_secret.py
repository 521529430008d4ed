"""The tables that people query, of secret rounds: who voted and how it was opened, and no score of anybody."""

from decimal import Decimal

import pytest
from sqlalchemy import select, update

from kit.attacks_secret import opened_on_a_head_that_never_was
from kit.playbook import ORIGIN
from kit.secret_records import SECRET, SECRET_BOOK
from kit.secret_sitting import KEY
from pingyi_server.ledger.audit import audit
from pingyi_server.ledger.projection import rebuild
from pingyi_server.ledger.sql_store import SqlStore
from pingyi_server.ledger.tables import BALLOT, CHOICE, OPENING, RESULT, ROUND, SEALED_BALLOT, VOTE


@pytest.fixture
def store(database_url: str) -> SqlStore:
    store = SqlStore(database_url)
    store.append(0, SECRET.leaves, SECRET.notes[-1])
    rebuild(store, SECRET_BOOK.meeting)
    return store


def test_the_tables_agree_with_the_ledger(store: SqlStore) -> None:
    found = audit(store, KEY, ORIGIN)
    assert (found.findings, found.told) == ([], found.size)
    with store.writing() as connection:
        connection.execute(update(OPENING).where(OPENING.c.item == "selection").values(overridden_by=""))
    [finding] = audit(store, KEY, ORIGIN).findings
    assert str(finding) == "Table opening, row selection, 1: overridden_by is , and by the ledger M03."
    store.close()


def test_people_can_query_who_voted_and_whose_ballot_was_not_valid(store: SqlStore) -> None:
    with store.reading() as connection:
        voted = select(SEALED_BALLOT.c.member, SEALED_BALLOT.c.fault).where(SEALED_BALLOT.c.item == "score")
        assert dict(connection.execute(voted).all()) == {
            **dict.fromkeys(("M01", "M02", "M03", "M04"), ""),
            "M05": "secret.ballot_proof",
        }
        rounds = select(ROUND.c.received, ROUND.c.invalid).where(ROUND.c.item == "score")
        assert connection.execute(rounds).one() == (5, 1)
    store.close()


def test_no_table_has_what_anybody_gave(store: SqlStore) -> None:
    with store.reading() as connection:
        assert connection.execute(select(BALLOT)).all() == []
        assert connection.execute(select(CHOICE)).all() == []
        # the motion has half of its parts: nothing of it is known
        assert connection.execute(select(VOTE).where(VOTE.c.item == "motion")).all() == []
    store.close()


def test_people_can_query_how_a_round_was_opened_and_its_mean(store: SqlStore) -> None:
    with store.reading() as connection:
        how = select(OPENING.c.opens, OPENING.c.cosigned, OPENING.c.overridden_by, OPENING.c.parts, OPENING.c.unsealed)
        found = {item: connection.execute(how.where(OPENING.c.item == item)).one() for item in ("score", "selection")}
        assert found["score"] == ("sum", 6, "", "M02,M03", True)
        assert found["selection"] == ("distribution", 0, "M03", "M02,M04", True)
        scored = select(RESULT.c.measure, RESULT.c.median, RESULT.c.least, RESULT.c.greatest)
        assert connection.execute(scored).one() == (Decimal("88.33"), None, None, None)
    store.close()


def test_an_opening_on_a_head_that_never_was_is_found(database_url: str) -> None:
    """The rules know no hashes: a record that follows them can name a head that is none of its own."""
    record = opened_on_a_head_that_never_was()
    store = SqlStore(database_url)
    store.append(0, record.leaves, record.notes[-1])
    faults = [one.key for one in audit(store, KEY, ORIGIN).findings]
    assert "verify.opening_root" in faults
    store.close()
