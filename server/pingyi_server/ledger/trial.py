"""Find out whether a database takes a whole batch again: a small write may still fit where no batch does."""

import os

from sqlalchemy import Column, Engine, LargeBinary, MetaData, Table, insert, text, update

from pingyi_server.ledger.database import for_writing, without_transaction
from pingyi_server.ledger.tables import HEAD

LEAST_OCTETS = 128 * 1024
"""What a hall sends at once when it is told that it may: a hundred ballots of some 1000 bytes."""

SCRATCH = Table("scratch", MetaData(), Column("filling", LargeBinary, nullable=False))
"""There for the moment of a trial, and after a crash in it until the next one."""

CHECKPOINT = text("pragma wal_checkpoint(restart)")
"""Lets SQLite's log begin anew, so that the room that a trial took is there for the next batch."""


def try_writing(engine: Engine, octets: int) -> None:
    """Write so much, or as much as a hall sends at once, and take it back; raises what the database does.

    A transaction that is still under way holds the head until it has ended, and is waited for.
    """
    with for_writing(engine).begin() as connection:
        # there and back: SQLite writes no page that stays as it was
        connection.execute(update(HEAD).values(size=HEAD.c.size + 1))
        connection.execute(update(HEAD).values(size=HEAD.c.size - 1))
        SCRATCH.drop(connection, checkfirst=True)
        SCRATCH.create(connection)
        # nothing that a database could make smaller
        connection.execute(insert(SCRATCH).values(filling=os.urandom(max(octets, LEAST_OCTETS))))
    with for_writing(engine).begin() as connection:
        SCRATCH.drop(connection)
    if engine.dialect.name == "sqlite":
        with without_transaction(engine).connect() as connection:
            connection.execute(CHECKPOINT)
