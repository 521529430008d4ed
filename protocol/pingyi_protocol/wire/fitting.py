"""Whether what a server shows fits the definition that it names: checked once, so that no screen has to."""

import binascii
from base64 import b64decode

from pingyi_protocol.meeting.definition import Definition, ScoreRules, SelectionRules
from pingyi_protocol.meeting.devices import speakers
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.groups import questions_of
from pingyi_protocol.record.merkle import HASH_BYTES
from pingyi_protocol.wire.messages import WireError
from pingyi_protocol.wire.office import Office
from pingyi_protocol.wire.picture import Backstage, Picture


def check_picture(picture: Picture, definition: Definition) -> None:
    """Raise WireError unless ``picture`` speaks only of people, items and targets of ``definition``."""
    if tuple(one.item for one in picture.items) != tuple(item.id for item in definition.agenda):
        raise WireError("the items are not those of the agenda")
    if not picture.seats.keys() <= {person.number for person in definition.roster}:
        raise WireError("somebody who is not on the roster has a seat")
    for bitmap in (picture.present, picture.left, picture.excused):
        check_bitmap(bitmap, definition)
    check_root(picture.head.root)
    live = picture.live
    if live is not None:
        check_bitmap(live.present, definition)
        check_bitmap(live.voted, definition)
        item = definition.item(live.item)
        if item is None or not set(live.candidates) <= set(item.targets):
            raise WireError("the live round is of no item, or of other candidates")
        if live.round < 1 or live.received < 0 or (live.remaining is not None and live.remaining < 0):
            raise WireError("a number of the live round is too small")
    running = live.running if live is not None else None
    for one in (*picture.published, *((running,) if running is not None else ())):
        check_figures(one, definition)


def check_backstage(backstage: Backstage, definition: Definition) -> None:
    """Raise WireError unless ``backstage`` speaks only of people, items and targets of ``definition``."""
    for bitmap in (backstage.connected, backstage.calling, backstage.answering):
        check_bitmap(bitmap, definition)
    if backstage.running is not None:
        check_figures(backstage.running, definition)
    if any(definition.item(one.item) is None for one in backstage.voiding):
        raise WireError("what is to be void is of no item")
    if any(definition.person(code.person) is None for code in backstage.codes):
        raise WireError("a code is for nobody on the roster")
    offered = backstage.ceremony.scrutineers if backstage.ceremony is not None else ()
    if any(definition.person(one.person) is None for one in offered):
        raise WireError("a key ceremony is offered to nobody on the roster")


def check_office(office: Office, definition: Definition) -> None:
    """Raise WireError unless ``office`` speaks only of those who may have a terminal in ``definition``."""
    most = len(speakers(definition))
    for bitmap in (office.connected, office.enrolled, office.revoked, office.issued):
        check_size(bitmap, most)
    if any(definition.person(person) is None for person in office.calling):
        raise WireError("somebody calls who is not on the roster")


def check_bitmap(bitmap: str, definition: Definition) -> None:
    """Raise WireError unless this is a bitmap over the roster."""
    check_size(bitmap, len(definition.roster))


def check_size(bitmap: str, most: int) -> None:
    """Raise WireError unless this is a bitmap over so many places."""
    try:
        number = int.from_bytes(b64decode(bitmap, validate=True), "little")
    except (binascii.Error, ValueError) as fault:
        raise WireError("a bitmap is not base64") from fault
    if number.bit_length() > most:
        raise WireError("a bitmap is longer than what it is over")


def check_root(root: str) -> None:
    """Raise WireError unless this is a root in base64, or empty."""
    try:
        length = len(b64decode(root, validate=True))
    except (binascii.Error, ValueError) as fault:
        raise WireError("a root is not base64") from fault
    if length not in (0, HASH_BYTES):
        raise WireError("a root is no hash")


def check_figures(figures: RoundFigures, definition: Definition) -> None:
    """Raise WireError unless these figures are of an item and what is voted on there."""
    item = definition.item(figures.item)
    if item is None:
        raise WireError("figures are of no item")
    scored = item.targets if isinstance(item.rules, ScoreRules) else ()
    chosen = tuple(target for target, _ in questions_of(item)) if not isinstance(item.rules, SelectionRules) else ()
    candidates = {one.target for one in figures.selection.candidates} if figures.selection else set()
    fits = (
        tuple(one.target for one in figures.targets) == scored
        and tuple(one.target for one in figures.choices) == chosen
    )
    if not fits or not candidates <= set(item.targets):
        raise WireError("figures are not of the item's targets")
    if isinstance(item.rules, SelectionRules) and figures.selection is None:
        raise WireError("figures of a selection have no candidates")
