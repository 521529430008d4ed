from pathlib import Path

from pingyi_protocol.meeting.life import diagram

ROOT = Path(__file__).resolve().parents[2]


def test_the_diagram_in_the_architecture_is_the_table_of_the_code() -> None:
    assert f"```mermaid\n{diagram()}\n```" in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
