"""meeting.toml goes through the same mapping: same values, same findings, named by table, entry and key."""

import pytest

from kit.factories import small_definition
from pingyi_protocol.meeting.definition import Language, ScoreRules
from pingyi_server.imports.findings import FileFinding, MeetingFileError
from pingyi_server.imports.toml_file import meeting_of_toml, toml_of

SMALL = small_definition()
WRITTEN = toml_of(SMALL).decode()

SHORT = """
[meeting]
name = "示例会议"
session = "第一次会议"
date = 2026-11-01
language = "中文"
addresses = ["10.0.0.7", "hall.example"]

[[roster]]
number = 7
name = "王喆"

[[targets]]
name = "水利局"

[[agenda]]
number = 1
title = "评议水利局"
targets = ["水利局"]

[[components]]
name = "整改成效调研"
weight = 66.6

[[components]]
name = "电子表决测评"
weight = 33.4
committee = true
"""


def findings_in(text: str) -> tuple[FileFinding, ...]:
    with pytest.raises(MeetingFileError) as caught:
        meeting_of_toml(text.encode(), "meeting.toml")
    return caught.value.findings


def changed(old: str, new: str, text: str = WRITTEN) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_a_short_file_needs_only_what_has_no_usual_value() -> None:
    definition = meeting_of_toml(SHORT.encode(), "meeting.toml").definition
    assert definition.meeting.date == "2026-11-01"
    assert definition.meeting.addresses == ("10.0.0.7", "hall.example")
    assert definition.roster[0].number == "7"
    assert definition.agenda[0].rules == ScoreRules()
    assert [str(component.weight) for component in definition.components] == ["66.6", "33.4"]


def test_windows_line_ends_and_a_byte_order_mark_are_taken() -> None:
    content = b"\xef\xbb\xbf" + WRITTEN.replace("\n", "\r\n").encode()
    assert meeting_of_toml(content, "meeting.toml") == (SMALL, ())


WRONG = [
    (changed('number = "M02"', 'number = "M01"'), "[[roster]]", 2, "number", "duplicate"),
    (changed('date = "2026-11-01"', 'date = "soon"'), "[meeting]", None, "date", "date"),
    (changed("weight = 60", "weight = 59"), "[[components]]", None, "weight", "weights_total"),
    (changed("weight = 60", "weight = nan"), "[[components]]", 1, "weight", "number"),
    (changed("weight = 60", "weight = 1e999999999"), "[[components]]", 1, "weight", "number"),
    (changed("weight = 60", "weight = [60]"), "[[components]]", 1, "weight", "toml_value"),
    (changed('measure = "mean"', "measure = 5"), "[[agenda]]", 1, "measure", "choice"),
    (changed('secrecy = "open"', 'secrecy = "隐名"'), "[[agenda]]", 1, "secrecy", "choice"),
    (changed('kind = "score"', 'kind = "motion"'), "[[agenda]]", 1, "lowest", "not_of_kind"),
    (
        changed('kind = "scores"', 'kind = "hotline", rule = "many"'),
        "[[components]]",
        2,
        "rule",
        "rule_hotline",
    ),
    (changed('number = "M02"', 'nummer = "M02"'), "[[roster]]", 2, "", "known_key"),
    (changed('number = "M02"', ""), "[[roster]]", 2, "number", "missing"),
    (changed("[meeting]", "[[meeting]]"), "[meeting]", None, "", "toml_table"),
    (
        changed('[[roster]]\nnumber = 7\nname = "王喆"', "", "roster = 5\n" + SHORT),
        "[[roster]]",
        None,
        "",
        "toml_tables",
    ),
]


@pytest.mark.parametrize(("text", "table", "entry", "key", "code"), WRONG, ids=[case[-1] for case in WRONG])
def test_a_wrong_value_is_named_by_table_entry_and_key(
    text: str, table: str, entry: int | None, key: str, code: str
) -> None:
    findings = findings_in(text)
    assert (table, entry, key, code) in [(f.place.title, f.place.row, f.place.column, f.code) for f in findings]
    for finding in findings:
        assert table.strip("[]") in finding.describe(Language.CHINESE)
        assert finding.describe(Language.CHINESE) != finding.describe(Language.ENGLISH)


def test_an_unknown_table_is_refused() -> None:
    findings = findings_in(WRITTEN + '\n[[rooster]]\nname = "x"\n')
    assert [(finding.code, finding.found) for finding in findings] == [("known_key", "rooster")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[meeting", "toml"),
        (b"x = " + b"9" * 5000, "toml"),
        (b"x = " + b"[" * 100_000, "toml"),
        ("名".encode("gbk"), "utf8"),
    ],
)
def test_a_file_that_is_no_toml_gets_a_clear_word(content: bytes, code: str) -> None:
    with pytest.raises(MeetingFileError) as caught:
        meeting_of_toml(content, "meeting.toml")
    assert [finding.code for finding in caught.value.findings] == [code]
