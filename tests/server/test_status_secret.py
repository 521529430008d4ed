"""What ``pingyi status`` says of secret rounds and their key."""

from kit.every_kind import SCORE, scored
from kit.secret_book import OPENERS, SecretBook, secret_hall, secretly
from kit.secret_records import PEOPLE
from pingyi_server.commands.options import words
from pingyi_server.commands.status import item_line, key_lines, sealed_lines

ITEM = secretly(SCORE, confirmed=True)


def test_the_key_is_said_from_the_ceremony_on() -> None:
    book = SecretBook(secret_hall(ITEM)).check_in(*PEOPLE)
    assert key_lines(book.meeting) == [words()("status.no_key")]
    book.begin_ceremony(*OPENERS).answers("M02")
    assert key_lines(book.meeting) == [words()("status.ceremony", missing=words()("status.comma").join(("M03", "M04")))]
    book.make_key()
    key = book.meeting.key
    assert key is not None
    [line] = key_lines(book.meeting)
    assert key.fingerprint in line
    assert key_lines(SecretBook(secret_hall(SCORE)).meeting) == []


def test_a_closed_round_says_what_it_waits_for_and_nothing_of_its_result() -> None:
    definition = secret_hall(ITEM)
    book = SecretBook(definition).check_in(*PEOPLE).make_key().open("score")
    for person in PEOPLE[:5]:
        book.seal(person, scored("T01", 87))
    assert sealed_lines(book.meeting, ITEM) == []
    book.close()
    assert sealed_lines(book.meeting, ITEM) == [words()("status.unchecked", received=5)]
    # the count is signed once it is known
    assert words()("status.closed") in item_line(book.meeting, definition, ITEM)
    assert sealed_lines(book.check().meeting, ITEM) == [words()("status.uncosigned")]
    missing = words()("status.comma").join(("M03", "M04"))
    book.begin_opening().opens("M02")
    assert sealed_lines(book.meeting, ITEM) == [words()("status.unopened", parts=1, threshold=2, missing=missing)]
    assert "87" not in item_line(book.meeting, definition, ITEM)
    book.opens("M03")
    assert sealed_lines(book.meeting, ITEM) == []
    unsigned = item_line(book.meeting, definition, ITEM)
    assert "87" in item_line(book.confirm("M03").announce().meeting, definition, ITEM)
    assert "87" not in unsigned


def test_too_few_ballots_are_never_opened() -> None:
    book = SecretBook(secret_hall(ITEM)).check_in(*PEOPLE).make_key().open("score")
    book.seal("M01", scored("T01", 87)).seal("M02", scored("T01", 80)).close().check()
    assert sealed_lines(book.meeting, ITEM) == [words()("status.never_opened", valid=2, least=3)]
