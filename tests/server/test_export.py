"""What the clerk takes home: tables, results and record from one reading, checked against each other and a verifier."""

import csv
import io
import json
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import delete

from kit.exports import LOG_KEY, TABLES, Memory, first_lines, table, written
from kit.factories import research, small_definition
from kit.hall import free_port, open_hall
from kit.processes import pingyi
from kit.records import Scribe, ballot, closed, fixed_key, small_meeting
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    Cast,
    CheckIn,
    CheckOut,
    CloseRound,
    OpenRound,
    Score,
)
from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.record.pins import parse_checkpoint_pin
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.commands.export import export
from pingyi_server.exports.files import NAMES, ExistsError, export_all
from pingyi_server.exports.formats import ATTENDANCE, BALLOTS, COMPOSITE, GROUPS, MAKERS, RESULTS
from pingyi_server.exports.source import Source, UnmadeError
from pingyi_server.exports.tables import encode_csv
from pingyi_server.exports.view import ExportError, Reader
from pingyi_server.folder import MeetingFolder
from pingyi_server.ledger.sql_store import SqlStore, sqlite_url
from pingyi_server.ledger.store import Restored
from pingyi_server.ledger.tables import LEAF


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scribe, folder = small_meeting(), tmp_path_factory.mktemp("export") / "out"
    scribe.clerk(research())
    export_all(Reader(Memory(scribe), LOG_KEY), folder, Language.ENGLISH, force=False)
    return folder


def test_the_exported_record_is_valid_and_holds_the_exported_results(out: Path) -> None:
    results = json.loads((out / "results.json").read_bytes())
    report = verify_record(out / "record.zip", checkpoint=parse_checkpoint_pin(results["fingerprint"]))
    assert report.valid
    assert (out / "results.json").read_bytes() in (out / "record.zip").read_bytes()


def test_results_give_every_figure_of_the_announced_rounds_and_their_ranks(out: Path) -> None:
    rows = [row for row in table(out / "results.csv", "Item") if row["Status"] == "announced"]
    first = rows[0]
    assert [row["Target"] for row in rows] == ["T01", "T02", "T03"]
    # 92, 90 (after 88), 95 and an abstention
    assert (first["Scores"], first["Abstentions"], first["Not voted"], first["Present"]) == ("3", "1", "0", "4")
    assert (first["Sum"], first["Measure"], first["Median"], first["Standard deviation"]) == (
        "277",
        "92.33",
        "92.00",
        "2.05",
    )
    assert (first["Least"], first["Greatest"], first["Band"], first["In band: 优秀"]) == ("90", "95", "优秀", "3")
    assert [row["Rank"] for row in rows] == ["1", "2", "3"]
    assert rows[2]["Measure"] == "67.50"


def test_a_void_round_is_listed_with_its_reason_and_counts_for_nothing(out: Path) -> None:
    rows = [row for row in table(out / "results.csv", "Item") if row["Item"] == "2"]
    [void] = [row for row in rows if row["Status"] == "void"]
    assert (void["Round"], void["Reason (void, withdrawn)"], void["Measure"]) == ("1", "计票有误", "")
    assert void["Void signed by"] == "M03 委员03"
    standing = [
        row for row in table(out / "results.csv", "Item") if row["Item"] == "2" and row["Status"] == "announced"
    ]
    assert {row["Void signed by"] for row in standing} == {""}
    # 80 in the void round, 82 in the one after it
    assert {row["Round"] for row in standing} == {"2"}
    assert [row["Sum"] for row in standing] == ["258", "135"]
    assert {row["Round"] for row in table(out / "ballots.csv", "Item") if row["Item"] == "2"} == {"2"}
    first, void_json, second = json.loads((out / "results.json").read_bytes())["rounds"]
    assert (void_json["phase"], void_json["reason"], void_json["targets"]) == ("void", "计票有误", [])
    assert (first["reason"], second["reason"], second["round"]) == ("", "", 2)
    assert void_json["voided_by"] == {"number": "M03", "name": "委员03"}
    assert (first["voided_by"], second["voided_by"]) == (None, None)


def test_the_recused_are_listed_with_their_reasons_and_make_up_those_present(out: Path) -> None:
    rows = [row for row in table(out / "results.csv", "Item") if row["Item"] == "2" and row["Round"] == "2"]
    assert {row["Recused members"] for row in rows} == {"M04 委员04 (配偶在该局任职)"}
    for row in rows:
        parts = [int(row[name]) for name in ("Scores", "Abstentions", "Not voted", "Recused")]
        assert parts[-1] == 1
        assert sum(parts) == int(row["Present"])
    *_, second = json.loads((out / "results.json").read_bytes())["rounds"]
    member = {"number": "M04", "name": "委员04", "reason": "配偶在该局任职", "present": True}
    assert second["recused"] == [member]


def test_exact_fractions_stand_in_the_json(out: Path) -> None:
    results = json.loads((out / "results.json").read_bytes())
    assert results["rounds"][0]["targets"][0]["figures"]["exact"] == "277/3"
    # 60 % of 277/3 and 40 % of 97.5
    assert results["composite"][0]["exact"] == "472/5"


def test_a_round_that_is_closed_and_not_announced_shows_no_figures_and_no_ballots(tmp_path: Path) -> None:
    scribe = small_scored("1")
    view = export_all(Reader(Memory(scribe), LOG_KEY), tmp_path, Language.ENGLISH, force=False).view
    [row] = table(tmp_path / "results.csv", "Item")
    assert row.pop("Item") == "1"
    assert row.pop("Status") == "closed, not announced"
    assert set(row.values()) - {"文化和旅游局整改评议", "score", "1"} == {""}
    assert table(tmp_path / "ballots.csv", "Item") == []
    assert view.results.rounds[0].targets == ()
    assert b'"figures"' not in (tmp_path / "results.json").read_bytes()


def small_scored(item: str) -> Scribe:
    """Return a meeting of three who scored an item, closed and not announced."""
    scribe = Scribe(small_definition())
    chair = scribe.enrol("M01", Role.CHAIR)
    seats = [scribe.enrol(f"M{place:02}") for place in range(1, 4)]
    for seat in seats:
        scribe.do(seat, CheckIn())
    scribe.do(chair, OpenRound(item))
    scribe.do(seats[0], ballot(item, 1, *([81] if item == "1" else [81, 82])))
    scribe.do(chair, CloseRound(item, 1))
    return scribe


def test_ballots_say_who_gave_what_and_who_cast_nothing(out: Path) -> None:
    rows = table(out / "ballots.csv", "Item")
    given = {(row["Member number"], row["Target"]): (row["Answer"], row["Score"]) for row in rows}
    assert given["M02", "T01"] == ("scored", "90")
    assert given["M04", "T01"] == ("abstained", "")
    assert given["M02", "T03"] == ("abstained", "")
    assert given["M04", "T02"] == ("recused", "")
    assert ("M05", "T01") not in given
    codes = {row["Tracking code"] for row in rows if row["Item"] == "1"}
    assert len(codes) == 4


def test_the_composite_names_what_is_missing(out: Path) -> None:
    rows = table(out / "composite.csv", "Target")
    # 60 % of 92.333 and 40 % of 97.5
    assert (rows[0]["Composite"], rows[0]["Rank"], rows[0]["Missing components"]) == ("94.40", "1", "")
    assert rows[0]["电子表决测评: score"] == "92.33"
    assert rows[0]["整改成效调研: weighted"] == "39.00"
    assert (rows[2]["Composite"], rows[2]["Rank"], rows[2]["Missing components"]) == ("", "", "整改成效调研")


def test_every_table_names_the_fingerprint_and_that_the_meeting_is_simulated(out: Path) -> None:
    fingerprint = json.loads((out / "results.json").read_bytes())["fingerprint"]
    for name in ("results.csv", "ballots.csv", "composite.csv"):
        lines = first_lines(out / name)
        assert "SIMULATED DATA" in lines
        assert f"Fingerprint of the record,{fingerprint}" in lines
    assert json.loads((out / "results.json").read_bytes())["simulated"] is True


def test_the_first_line_of_open_ballots_says_so_in_both_languages(tmp_path: Path) -> None:
    for language in Language:
        written(small_meeting(), tmp_path / language, (BALLOTS,), language)
        [line, *_] = first_lines(tmp_path / language / "ballots.csv")
        assert "记名" in line
        assert "open ballot" in line.lower()


def test_tables_speak_the_meeting_s_language_unless_told_otherwise(tmp_path: Path) -> None:
    export_all(Reader(Memory(small_meeting()), LOG_KEY), tmp_path, None, force=False)
    assert table(tmp_path / "results.csv", "议题")[0]["量化结果"] == "92.33"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "\t=1", "＝1+1"])
def test_text_that_a_spreadsheet_would_run_is_defused(text: str) -> None:
    [[cell]] = list(csv.reader(io.StringIO(encode_csv([[text]]).decode("utf-8-sig"), newline="")))
    assert cell == f"'{text}"


def test_numbers_are_written_in_plain_figures_and_negative_ones_are_not_defused() -> None:
    content = encode_csv([[Decimal("-4.50"), Decimal("1E+2"), 3, None, "a,b"]])
    assert content.decode("utf-8-sig") == '-4.50,100,3,,"a,b"\r\n'


def test_nothing_is_written_over_a_file_that_exists(tmp_path: Path) -> None:
    (tmp_path / "composite.csv").write_text("mine")
    with pytest.raises(ExistsError, match=r"composite\.csv"):
        export_all(Reader(Memory(small_meeting()), LOG_KEY), tmp_path, None, force=False)
    assert [path.name for path in tmp_path.iterdir()] == ["composite.csv"]
    assert (tmp_path / "composite.csv").read_text() == "mine"


def test_a_folder_in_the_way_is_named_before_any_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "results.csv").write_text("of an earlier export")
    (tmp_path / "slips.pdf").mkdir()
    with pytest.raises(IsADirectoryError) as fault:
        export_all(Reader(Memory(small_meeting()), LOG_KEY), tmp_path, None, force=True)
    assert fault.value.filename == str(tmp_path / "slips.pdf")
    assert {path.name for path in tmp_path.iterdir()} == {"results.csv", "slips.pdf"}
    assert (tmp_path / "results.csv").read_text() == "of an earlier export"


def test_progress_counts_leaves_and_files_to_the_end(tmp_path: Path) -> None:
    memory, told = Memory(small_meeting()), list[tuple[int, int]]()
    export_all(Reader(memory, LOG_KEY), tmp_path, None, force=False, progress=lambda *one: told.append(one))
    assert {total for _, total in told} == {len(memory.bodies) + len(NAMES)}
    assert [done for done, _ in told] == list(range(1, len(memory.bodies) + len(NAMES) + 1))


@pytest.mark.fonts
def test_force_writes_over_them(tmp_path: Path) -> None:
    (tmp_path / "composite.csv").write_text("mine")
    export_all(Reader(Memory(small_meeting()), LOG_KEY), tmp_path, None, force=True)
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES) - {GROUPS}
    assert (tmp_path / "composite.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.fonts
def test_a_file_that_this_machine_cannot_make_is_named_and_the_others_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(_source: Source) -> bytes:
        raise UnmadeError("export.empty")

    (tmp_path / COMPOSITE).write_text("of an earlier export")
    monkeypatch.setattr("pingyi_server.exports.files.MAKERS", {**MAKERS, COMPOSITE: lacking})
    exported = export_all(Reader(Memory(small_meeting()), LOG_KEY), tmp_path, None, force=True)
    assert list(exported.unmade) == [COMPOSITE]
    # a file of an earlier export would pass for one of this
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES) - {GROUPS, COMPOSITE}


def test_a_database_in_which_a_ballot_was_changed_is_not_exported(tmp_path: Path) -> None:
    memory = Memory(small_meeting())
    place = next(place for place, body in enumerate(memory.bodies) if b'"score":"92"' in body)
    memory.bodies[place] = memory.bodies[place].replace(b'"score":"92"', b'"score":"99"')
    with pytest.raises(ExportError, match=f"Entry {place} does not say what its signed command leads to"):
        export_all(Reader(memory, LOG_KEY), tmp_path, None, force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_lost_its_last_leaves_is_not_exported(tmp_path: Path) -> None:
    memory = Memory(small_meeting())
    del memory.bodies[-2:]
    with pytest.raises(ExportError, match="entries were taken away"):
        export_all(Reader(memory, LOG_KEY), tmp_path, None, force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_meeting_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="another meeting"):
        export_all(Reader(Memory(small_meeting()), public_text(fixed_key("other"))), tmp_path, None, force=False)


@pytest.mark.parametrize("promised", [1, 1000])
def test_a_head_row_that_is_not_that_of_the_newest_head_is_not_exported(tmp_path: Path, promised: int) -> None:
    memory = Memory(small_meeting())
    memory.promised = promised
    with pytest.raises(ExportError, match=f"says that there are {promised}"):
        export_all(Reader(memory, LOG_KEY), tmp_path, None, force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_database_whose_end_was_taken_away_with_its_heads_is_not_exported(tmp_path: Path) -> None:
    """What is left would be a shorter record that is valid in itself."""
    memory = Memory(small_meeting())
    memory.heads = memory.heads[:4]
    memory.bodies = memory.bodies[: memory.heads[-1][0]]
    with pytest.raises(ExportError, match="newest signed head covers"):
        export_all(Reader(memory, LOG_KEY), tmp_path, None, force=False)
    memory = Memory(small_meeting())
    memory.heads = memory.heads[:4]
    memory.promised = memory.heads[-1][0]
    with pytest.raises(ExportError, match="entries were added"):
        export_all(Reader(memory, LOG_KEY), tmp_path, None, force=False)
    assert list(tmp_path.iterdir()) == []


def test_what_a_running_server_adds_meanwhile_waits_for_the_next_export(tmp_path: Path) -> None:
    scribe = small_scored("1")
    with closing(SqlStore(sqlite_url(tmp_path / "meeting.db"))) as store:
        scribe.sign()
        size = scribe.log.size
        store.append(0, scribe.leaves, scribe.notes[-1])
        with store.snapshot() as still:
            reader = Reader(still, LOG_KEY)
            scribe.clerk(CheckOut("M02", "早退"))
            scribe.sign()
            store.append(size, scribe.leaves[size:], scribe.notes[-1])
            assert export_all(reader, tmp_path / "one", None, force=False).view.results.size == size
        again = export_all(Reader(store, LOG_KEY), tmp_path / "two", None, force=False)
        assert again.view.results.size == size + 1


def test_a_cosignature_that_does_not_hold_is_left_out_and_named(tmp_path: Path) -> None:
    memory = Memory(small_meeting())
    last = memory.heads[-1][0]
    kept = [row for row in memory.cosigned if row[0] == last]
    changed = (*kept[0][:2], kept[0][2].replace("A", "B"))
    gone = (last - 1, *kept[1][1:])
    memory.cosigned = [row for row in memory.cosigned if row[0] != last] + [changed, gone]
    view = export_all(Reader(memory, LOG_KEY), tmp_path, None, force=False).view
    bad, headless = (str(one) for one in view.left_out)
    assert bad.startswith(f"The cosignature of M01 on the head of {last} entries does not hold")
    assert headless == f"The signed head of {last - 1} entries is gone; terminals cosigned it (1)."
    report = verify_record(tmp_path / "record.zip")
    assert report.valid
    assert report.facts is not None
    assert report.facts.final.terminals == 0


def test_a_copy_that_was_put_back_and_not_signed_is_said_above_every_table(tmp_path: Path) -> None:
    memory = Memory(small_scored("1"))
    memory.copy = Restored(memory.promised, "root", "磁盘损坏")
    assert export_all(Reader(memory, LOG_KEY), tmp_path, Language.ENGLISH, force=False).view.waiting
    for name in ("results.csv", "ballots.csv", "composite.csv"):
        assert any("AN OLDER COPY" in line for line in first_lines(tmp_path / name))


def test_every_table_says_so_as_long_as_the_meeting_is_not_closed(tmp_path: Path) -> None:
    written(small_meeting(), tmp_path / "before", TABLES)
    written(closed(small_meeting()), tmp_path / "after", TABLES)
    tables = [name for name in NAMES if name.endswith(".csv") and name != GROUPS]
    assert tables == [RESULTS, BALLOTS, ATTENDANCE, COMPOSITE]
    for name in tables:
        assert any("this is not the final fingerprint" in line for line in first_lines(tmp_path / "before" / name))
        assert "final fingerprint" not in (tmp_path / "after" / name).read_text(encoding="utf-8-sig")


def test_a_refused_export_leaves_no_folder_that_was_not_there(tmp_path: Path) -> None:
    folder = MeetingFolder(tmp_path / "meeting")
    pingyi("new", folder.path, "--sample")
    pingyi("load", folder.path)
    with closing(folder.open_store()) as store, store.writing() as connection:
        connection.execute(delete(LEAF).where(LEAF.c.index == 1))
    (tmp_path / "there").mkdir()
    for out in ("there", "new", "deep/deeper"):
        pingyi("export", folder.path, "--out", tmp_path / out, code=1)
    assert {one.name for one in tmp_path.iterdir()} == {"meeting", "there"}


def test_an_empty_database_says_what_to_run(tmp_path: Path) -> None:
    memory = Memory(small_meeting())
    memory.heads.clear()
    memory.promised = 0
    with pytest.raises(ExportError, match="pingyi load"):
        export_all(Reader(memory, LOG_KEY), tmp_path, None, force=False)


@pytest.mark.fonts
async def test_the_command_exports_while_the_server_runs(tmp_path: Path) -> None:
    folder, out = tmp_path / "meeting", tmp_path / "out"
    folder.mkdir()
    definition = real(small_definition(members=3, port=free_port()))
    async with open_hall(folder, definition) as hall:
        chair = await hall.admit("M01", Role.CHAIR)
        seat = await hall.admit("M02")
        other = await hall.admit("M03")
        for one in (seat, other):
            assert isinstance(await one.session.ask(CheckIn()), Receipt)
        assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
        assert isinstance(await seat.session.ask(Cast("1", 1, (Score("T01", "", Decimal(77)),))), Receipt)
        assert isinstance(await chair.session.ask(CloseRound("1", 1)), Receipt)
        assert isinstance(await chair.session.ask(AnnounceRound("1", 1)), Receipt)
        done = CliRunner().invoke(export, [str(folder), "--out", str(out)])
    assert done.exit_code == 0, done.output
    for name in NAMES:
        assert (str(out / name) in done.output) is (name != GROUPS)
    report = verify_record(out / "record.zip")
    assert report.valid
    assert report.facts is not None
    assert report.facts.fingerprint in done.output
    assert "模拟" not in (out / "results.csv").read_text(encoding="utf-8-sig")
    again = CliRunner().invoke(export, [str(folder), "--out", str(out)])
    assert isinstance(again.exception, ExistsError)
    assert again.exception.exit_code == 2


def real(definition: Definition) -> Definition:
    """Return the definition as that of a meeting that is not simulated."""
    facts = msgspec.structs.replace(definition.meeting, simulated=False)
    return msgspec.structs.replace(definition, meeting=facts)
