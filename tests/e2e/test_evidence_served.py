"""``pingyi evidence`` as a person runs it: without a server, and beside one that goes on serving."""

from pathlib import Path

from kit.evidence_files import csv_of
from kit.factories import small_definition
from kit.hall import free_port
from kit.processes import pingyi, server
from pingyi_server.folder import MeetingFolder
from pingyi_server.imports.toml_file import toml_of


def test_evidence_goes_onto_the_record_with_and_without_a_server(tmp_path: Path) -> None:
    folder = tmp_path / "meeting"
    folder.mkdir()
    (folder / "meeting.toml").write_bytes(toml_of(small_definition(members=5, port=free_port())))
    pingyi("load", folder)
    file = tmp_path / "调研.csv"
    file.write_bytes(csv_of([["单位", "得分"], ["文化和旅游局", "97.5"]], "gbk"))
    component = ("--component", "整改成效调研", "--yes")
    assert "97.50" in pingyi("evidence", folder, file, *component)
    file.write_bytes(csv_of([["单位", "得分"], ["人社局", "９０"], ["医保局", "88.25分"]], "utf-16"))
    with server(folder):
        told = pingyi("evidence", folder, file, *component)
        assert "将替换此前从 调研.csv 导入的 1 个对象" in told
        assert "文化和旅游局" in told
    found = MeetingFolder(folder).meeting().evidence["C2", ""]
    assert [line.target for line in found.lines] == ["T02", "T03"]
    assert f"第 {found.leaf} 条" in told
    assert found.sha256 in told
