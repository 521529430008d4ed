"""The server's log: who did what and who was refused what, in lines that nobody can forge or flood."""

import logging

import pytest

from kit.factories import small_definition
from kit.playbook import CHAIR, Playbook
from pingyi_protocol.meeting.commands import Cast, Command
from pingyi_protocol.meeting.definition import Item, MotionRules, Role
from pingyi_protocol.meeting.refusal import Reason
from pingyi_server.gateway import journal
from pingyi_server.gateway.journal import MOST_REMEMBERED, Excesses, OneLine, Refusals, recorded, sender_of, traced


def test_a_leaf_names_its_sender_and_device_and_an_added_item_only_by_its_number() -> None:
    book = Playbook(small_definition()).enrol(*CHAIR)
    book.add(Item("9", "秘密标题", (), MotionRules()))
    entry = book.entries[-1]
    assert entry.envelope is not None
    line = recorded(entry, book.commands[entry.index])
    assert line == f"leaf={entry.index} ItemAdded item=9 by=clerk/clerk device={entry.envelope.key}"


def test_what_the_clock_brings_about_is_the_servers_own_doing() -> None:
    book = Playbook(small_definition()).enrol(*CHAIR).check_in("M01", "M02", "M03").open("1").wait(121).tick()
    assert recorded(book.entries[-1], None).endswith("by=server")


def test_a_senders_name_can_forge_no_line_of_the_log_and_command_no_terminal() -> None:
    forged = "M02\nleaf=9 MeetingClosed by=M01/chair\x1b[2J\u202e" + "长" * 500
    said = sender_of(Command("m", "0" * 32, forged, Role.MEMBER, "", Cast("1", 1, ())))
    assert said.isprintable()
    assert len(said) < 100


def test_a_refusal_that_is_repeated_is_logged_now_and_then(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("pingyi_server.gateway.journal.time.monotonic", lambda: now)
    refusals = Refusals()
    with caplog.at_level(logging.INFO):
        for _ in range(1000):
            refusals.note("M02/member", "Cast", Reason.CLOSED)
        refusals.note("M03/member", "Cast", Reason.CLOSED)
        now += journal.REPEAT_SECONDS
        refusals.note("M02/member", "Cast", Reason.CLOSED)
    assert caplog.messages == [
        "refused Cast by=M02/member reason=closed",
        "refused Cast by=M03/member reason=closed left_out=999",
        "refused Cast by=M02/member reason=closed",
    ]


def test_one_limit_exceeded_again_and_again_is_one_line_whatever_was_counted(caplog: pytest.LogCaptureFixture) -> None:
    excesses = Excesses()
    with caplog.at_level(logging.WARNING):
        for size in range(100):
            excesses.note("address=10.0.0.7", "largest_request_kib", f"cut with {size} bytes")
    assert len(caplog.messages) == 1


def test_ever_new_names_neither_fill_the_memory_nor_the_log(caplog: pytest.LogCaptureFixture) -> None:
    refusals = Refusals()
    with caplog.at_level(logging.INFO):
        for place in range(MOST_REMEMBERED + 100):
            refusals.note(f"stranger {place}", "Enrol", Reason.CODE_UNKNOWN)
    assert len(refusals.logged) == len(caplog.messages) == MOST_REMEMBERED
    assert refusals.left_out == 100


def test_a_fault_is_traced_without_what_its_message_quotes() -> None:
    def decide(score: str) -> None:
        raise ValueError(score)

    with pytest.raises(ValueError, match="secret score") as caught:
        decide("secret score 93.5")
    line = traced(caught.value)
    assert "ValueError" in line
    assert "decide" in line
    assert "93.5" not in line


def test_a_message_of_the_log_stays_in_its_line() -> None:
    record = logging.LogRecord("any", logging.INFO, __file__, 1, "name %s", ("甲\n\x1b]0;owned\x07\u2028乙",), None)
    assert OneLine("%(message)s").format(record) == "name 甲<U+000A><U+001B>]0;owned<U+0007><U+2028>乙"
