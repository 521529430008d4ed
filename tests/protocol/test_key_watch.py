"""A terminal takes no election key but the one that it saw made: another would be read by who made it."""

from collections.abc import Callable

import msgspec
import pytest

from kit.every_kind import MOTION
from kit.playbook import CHAIR
from kit.secret_book import OPENERS, SecretBook, secret_hall, secretly
from kit.secret_hall import drawing
from kit.sitting import shown
from pingyi_protocol.client.key_watch import KeyWatch
from pingyi_protocol.meeting.commands import CloseRound
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.secret.group import raised, random_scalar
from pingyi_protocol.secret.messages import text_of
from pingyi_protocol.wire.picture import Picture

change = msgspec.structs.replace
OPEN = change(MOTION, id="open")
DEFINITION = secret_hall(secretly(MOTION), OPEN)
PEOPLE = ("M01", "M02", "M03", "M04", "M05", "M06")


def keyed() -> SecretBook:
    return SecretBook(DEFINITION).enrol(*CHAIR).check_in(*PEOPLE).make_key()


def with_key_of_the_server(picture: Picture, *, live: bool = True, told: bool = True) -> Picture:
    """The picture with a key that the server made for itself, as the live round's and as what is told of it."""
    key, round_now = picture.secret.key, picture.live
    assert key is not None
    other = change(key, key=text_of(raised(random_scalar(drawing("the server")))))
    if live and round_now is not None:
        picture = change(picture, live=change(round_now, key=other))
    return change(picture, secret=change(picture.secret, key=other)) if told else picture


def refused(watch: KeyWatch, picture: Picture, definition: Definition = DEFINITION) -> None:
    with pytest.raises(ReceiptError) as fault:
        watch.look(picture, definition)
    assert fault.value.key == "receipt.other_election_key"


def test_a_key_that_is_made_and_used_is_taken_all_the_way() -> None:
    book, watch = SecretBook(DEFINITION).enrol(*CHAIR).check_in(*PEOPLE), KeyWatch()
    steps: tuple[Callable[[], SecretBook], ...] = (
        book.make_key,
        lambda: book.open("motion"),
        lambda: book.chair(CloseRound("motion", 1)),
    )
    watch.look(shown(book), DEFINITION)
    for step in steps:
        step()
        watch.look(shown(book), DEFINITION)
    assert watch.key == book.meeting.key


@pytest.mark.parametrize(("live", "told"), [(True, False), (False, True)])
def test_a_round_under_another_key_than_the_one_told_is_refused_at_first_sight(*, live: bool, told: bool) -> None:
    refused(KeyWatch(), with_key_of_the_server(shown(keyed().open("motion")), live=live, told=told))


def test_a_key_that_changes_without_a_ceremony_is_refused() -> None:
    book, watch = keyed(), KeyWatch()
    watch.look(shown(book), DEFINITION)
    refused(watch, with_key_of_the_server(shown(book.open("motion"))))
    watch.look(shown(book), DEFINITION)


def test_a_key_of_a_newer_ceremony_is_taken_once_that_is_done() -> None:
    book, watch = keyed(), KeyWatch()
    watch.look(shown(book), DEFINITION)
    book.begin_ceremony(*OPENERS)
    watch.look(shown(book), DEFINITION)
    refused(watch, with_key_of_the_server(shown(book)))
    first = watch.key
    book.make_key()
    watch.look(shown(book), DEFINITION)
    assert watch.key not in (None, first)


def test_a_secret_round_without_a_key_and_an_open_one_with_a_key_are_refused() -> None:
    picture = shown(keyed().open("motion"))
    assert picture.live is not None
    refused(KeyWatch(), change(picture, live=change(picture.live, key=None)))
    refused(KeyWatch(), change(picture, live=change(picture.live, item="open")))
    bare = change(picture, live=change(picture.live, key=None), secret=change(picture.secret, key=None))
    refused(KeyWatch(), bare)


def test_after_a_lawful_continuation_the_ceremony_may_have_been_held_again() -> None:
    book, watch = keyed(), KeyWatch()
    watch.look(shown(book), DEFINITION)
    again = with_key_of_the_server(shown(book))
    watch.look(change(again, watch=change(again.watch, continued=(9,))), DEFINITION)
