"""Faults put into a SQL store: the nth thing that a write does fails, before it is done or after."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from pingyi_server.ledger.claim import SessionClaim
from pingyi_server.ledger.sql_store import SqlStore


class When(StrEnum):
    """Whether a step fails before it is done or after, when nobody can tell that it was."""

    BEFORE = "before"
    AFTER = "after"


@dataclass
class Fault:
    """The ``step``th statement or commit, from 0, fails once; ``struck`` names what it was, "" if it never came."""

    step: int
    when: When
    count: int = 0
    struck: str = ""

    def pass_by(self, what: str, when: When) -> None:
        """Fail if it is this one's turn."""
        due = self.count == self.step and when is self.when and not self.struck
        if when is When.AFTER:
            self.count += 1
        if due:
            self.struck = what
            raise OperationalError(what, {}, Exception("disk I/O error"))


@contextmanager
def broken(store: SqlStore, step: int, when: When) -> Iterator[Fault]:
    """Let one step of what is written meanwhile fail; asking whether the claim still holds is no step of it."""
    fault = Fault(step, when)
    session = store.claimed.session if isinstance(store.claimed, SessionClaim) else None
    engine, commit = store.engine, store.engine.dialect.do_commit

    def before(connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if connection is not session:
            fault.pass_by(statement, When.BEFORE)

    def after(connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if connection is not session:
            fault.pass_by(statement, When.AFTER)

    def committing(connection: Any) -> None:
        fault.pass_by("COMMIT", When.BEFORE)
        commit(connection)
        fault.pass_by("COMMIT", When.AFTER)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    # the only way under the driver
    engine.dialect.do_commit = committing  # type: ignore[method-assign, assignment]  # a function in a method's place
    try:
        yield fault
    finally:
        engine.dialect.do_commit = commit  # type: ignore[method-assign]  # see above
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)
