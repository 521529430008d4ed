"""What stands on the cards, looked at as a scanner and a person would."""

import io
from typing import Any

import msgspec
import numpy as np
import pytest
import zxingcpp
from PIL import Image
from rpds import HashTrieMap

from kit.factories import small_definition
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, parse
from pingyi_protocol.keys.transport import generate_transport_keys, transport_fingerprint
from pingyi_protocol.keys.typed_code import parse_typed
from pingyi_protocol.meeting.definition import Language, Person, Role
from pingyi_protocol.meeting.model import Device, Meeting, Principal
from pingyi_server.cards.card import card_data, everybody
from pingyi_server.cards.choosing import lacking, named
from pingyi_server.cards.printing import CardsError, check_glyphs, names_of
from pingyi_server.typesetting.setting import pdf, pictures, template

SERVER_KEY = generate_transport_keys().public
TEMPLATE = template("pingyi_server.cards", "cards.typ")
MARGIN = 0.03
"""The share of a card at each edge that stays empty, so that a blade may slip."""


def meeting_of(*people: Person, addresses: tuple[str, ...] = ("192.168.1.10",)) -> Meeting:
    small = small_definition()
    facts = msgspec.structs.replace(small.meeting, addresses=addresses)
    definition = msgspec.structs.replace(small, roster=people or small.roster, meeting=facts)
    return Meeting(definition=definition, seats=HashTrieMap())


def codes_for(meeting: Meeting) -> list[EnrolmentCode]:
    assert meeting.definition is not None
    facts = meeting.definition.meeting
    return [
        EnrolmentCode(facts.addresses, facts.port, SERVER_KEY, *one, bytes([place] * 12))
        for place, one in enumerate(everybody(meeting, meeting.definition))
    ]


def drawn(data: dict[str, Any], *, single: bool) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    """Set these cards, and return each page in greys."""
    filled = {**data, "families": check_glyphs(data), "single": single}
    pages = pictures(TEMPLATE, filled, 200)
    return [np.asarray(Image.open(io.BytesIO(page)).convert("L")) for page in pages]


def card_of(name: str, **others: Any) -> np.ndarray[Any, np.dtype[np.uint8]]:
    meeting = meeting_of(Person("007", name, "3-12"), **others)
    return drawn(card_data(meeting, codes_for(meeting)[:1], Language.CHINESE), single=True)[0]


def test_cards_lie_in_the_order_of_the_seats_and_one_persons_together() -> None:
    meeting = meeting_of(
        Person("1", "甲", "2-10"),
        Person("2", "乙", "2-9", roles=(Role.SCRUTINEER, Role.MEMBER, Role.CHAIR)),
        Person("3", "丙", roles=(Role.SCRUTINEER,)),
        Person("4", "丁", "10-1"),
        Person("5", "戊", "1-1", roles=(Role.CLERK,)),
        Person("6", "己", "1-2", roles=(), entitled=False),
    )
    assert meeting.definition is not None
    wanted = [
        ("2", Role.MEMBER),
        ("2", Role.CHAIR),
        ("2", Role.SCRUTINEER),
        ("1", Role.MEMBER),
        ("4", Role.MEMBER),
        ("3", Role.SCRUTINEER),
        ("hall", Role.HALL),
    ]
    assert everybody(meeting, meeting.definition) == wanted
    moved = msgspec.structs.replace(meeting, seats=HashTrieMap({"4": "1-1"}))
    assert everybody(moved, meeting.definition)[0] == ("4", Role.MEMBER)


def test_whoever_has_a_device_or_an_unused_card_gets_no_other_unless_named() -> None:
    meeting, member, hall = meeting_of(), Principal("M02", Role.MEMBER), Principal("hall", Role.HALL)
    definition = meeting.definition
    assert definition is not None
    devices = {
        "here": Device("here", member, b"", "", 3),
        "gone": Device("gone", hall, b"", "", 4, revoked=True),
    }
    meeting = msgspec.structs.replace(
        meeting,
        sessions=HashTrieMap({member: "here", hall: "gone"}),
        devices=HashTrieMap(devices),
        code_of=HashTrieMap({Principal("M03", Role.MEMBER): "hash"}),
    )
    fresh, kept = lacking(meeting, definition, None, again=False)
    assert (member in fresh, hall in fresh, ("M03", Role.MEMBER) in fresh, kept) == (False, True, False, 1)
    again, none = lacking(meeting, definition, None, again=True)
    assert (("M03", Role.MEMBER) in again, member in again, none) == (True, False, 0)
    assert lacking(meeting, definition, Role.CHAIR, again=False).fresh == [("M01", Role.CHAIR)]
    assert named(meeting, definition, ["M02", "hall"], None).fresh == [member, hall]
    assert named(meeting, definition, ["M01"], Role.CHAIR).fresh == [("M01", Role.CHAIR)]
    for wrong, role in (("M99", None), ("A01", None), ("M02", Role.CHAIR)):
        with pytest.raises(CardsError, match=wrong):
            named(meeting, definition, [wrong], role)
    with pytest.raises(CardsError):
        lacking(
            msgspec.structs.replace(meeting, code_of=HashTrieMap.fromkeys(everybody(meeting, definition), "hash")),
            definition,
            None,
            again=False,
        )


@pytest.mark.parametrize("language", Language)
def test_a_card_holds_all_that_a_person_without_scanner_needs(language: Language) -> None:
    meeting = meeting_of()
    codes = codes_for(meeting)
    cards = card_data(meeting, codes, language)["cards"]
    for code, card in zip(codes, cards, strict=True):
        by_hand = parse_typed(" ".join(card["groups"]))
        assert (by_hand.address, by_hand.port, by_hand.secret) == ("192.168.1.10", 7610, code.secret)
        assert card["fingerprint"] == transport_fingerprint(SERVER_KEY)
        assert "192.168.1.10" in card["address"]
    assert [card["use"].count("pingyi chair") for card in cards] == [0, 1, *[0] * (len(cards) - 2)]
    assert "M01" in cards[0]["place"]
    assert "1-01" in cards[0]["place"]


@pytest.mark.fonts
@pytest.mark.parametrize("language", Language)
def test_a_scanner_reads_every_card_from_the_sheet_and_from_its_picture(language: Language) -> None:
    meeting = meeting_of()
    codes = codes_for(meeting)
    data = card_data(meeting, codes, language)
    sheets = drawn(data, single=False)
    assert len(sheets) == 2, "six cards a sheet"
    found = [barcode for sheet in sheets for barcode in zxingcpp.read_barcodes(sheet)]
    assert sorted(barcode.text for barcode in found) == sorted(
        barcode.text for card in drawn(data, single=True) for barcode in zxingcpp.read_barcodes(card)
    )
    read = {(one.person, one.role): one for one in map(parse, (barcode.text for barcode in found))}
    assert list(read) != []
    assert {tuple(code) for code in read} == {(code.person, code.role) for code in codes}
    assert all(read[code.person, code.role] == code for code in codes)


LONG = (
    "示例市人民代表大会常务委员会法制工作委员会经济建设工作委员会副主任委员张三李四王五赵六示例市人民代表大会常",
    "Supercalifragilisticexpialidocious" * 2,
    "阿卜杜热西提·吾买尔江·买买提·伊敏",
    "Bartholomew Featherstonehaugh-Cholmondeley of Example upon Sample",
    "W" * 60,
)


@pytest.mark.fonts
@pytest.mark.parametrize("name", [*LONG, "王"])
def test_a_name_of_any_length_stays_on_its_card_and_the_code_readable(name: str) -> None:
    card = card_of(name[:60])
    height, width = card.shape
    across, down = int(MARGIN * width), int(MARGIN * height)
    for edge in (card[:down], card[-down:], card[:, :across], card[:, -across:]):
        assert edge.min() == 255
    [barcode] = zxingcpp.read_barcodes(card)
    assert parse(barcode.text).person == "007"


@pytest.mark.fonts
def test_markup_in_a_name_is_a_name() -> None:
    plain = card_of("王小明")
    for name in ("#panic()", "*王小明*", "$x$", "@王 <王>", '"王"', "[王]", "王\\ 明", "// 王", "#sys.inputs.data"):
        card = card_of(name)
        assert card.shape == plain.shape
        assert (card != plain).any(), "its signs stand on the card"


@pytest.mark.fonts
def test_a_meeting_without_an_ipv4_address_has_cards_to_scan() -> None:
    card = card_of("王小明", addresses=("fd00::1", "meeting.example"))
    [barcode] = zxingcpp.read_barcodes(card)
    assert parse(barcode.text).addresses == ("fd00::1", "meeting.example")


@pytest.mark.fonts
def test_a_character_that_no_font_has_is_named_with_whose_it_is() -> None:
    meeting = meeting_of(Person("007", "王\U000323af", "1-1"), Person("008", "李四", "1-2"))
    with pytest.raises(CardsError) as missing:
        check_glyphs(card_data(meeting, codes_for(meeting), Language.CHINESE))
    told = missing.value.words(Language.ENGLISH)
    assert "U+323AF" in told
    assert "fonts-noto-cjk" in told
    assert "李四" not in told


@pytest.mark.fonts
def test_the_pdf_is_one_that_prints_anywhere() -> None:
    meeting = meeting_of()
    data = card_data(meeting, codes_for(meeting), Language.CHINESE)
    document = pdf(TEMPLATE, {**data, "families": check_glyphs(data), "single": False})
    assert document.startswith(b"%PDF-1.")
    assert b"pdfaid:part" in document, "PDF/A: whoever prints it needs no font"


def test_files_are_named_by_place_seat_number_and_role_without_what_a_file_system_minds() -> None:
    meeting = meeting_of(Person("../7*", "王", "1-1"), Person("乙 2", "李", "1-2"))
    assert names_of(card_data(meeting, codes_for(meeting), Language.CHINESE)) == [
        "cards.pdf",
        "0001-1-1-___7_-member.png",
        "0002-1-2-乙_2-member.png",
        "0003-hall.png",
    ]
