"""What ``pingyi bench secret`` says of whole halls, and of the other program beside it."""

import stat
from pathlib import Path

import pytest

from pingyi_protocol.meeting.definition import Language, Opens
from pingyi_protocol.text import catalogue
from pingyi_server.bench.belenios import beside
from pingyi_server.bench.opening import Opened, Size, cast_before, rounds_of
from pingyi_server.bench.report import rounds_line
from pingyi_server.bench.secret import HALLS

LANGUAGES = (Language.ENGLISH, Language.CHINESE)

# takes the commands that the real program takes, in their order, and leaves the files behind that it leaves
STAND_IN = """#!/bin/sh
echo "$1 $2" >> ../asked
case "$2" in
  generate-token) echo Tx4hneaCsTrc2x ;;
  generate-credentials) echo "1 JMv-Z3P-U3w-5Yh-dks" > 1.privcreds; echo key > 1.pubcreds ;;
  generate-trustee-key) echo '{}' > 4B.pubkey ;;
  make-trustees) test -s public_keys.jsons ;;
  make-election) test -s template.json ;;
  init) test -s public_creds.json ;;
  generate-ballot) test "$(cat credential)" = JMv-Z3P-U3w-5Yh-dks && echo a ballot ;;
  add-event) test "$(cat)" = "a ballot" ;;
  verify) exit 0 ;;
esac
"""


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program of this name, and nothing else of its kind, where programs are."""
    tool = folder / "belenios-tool"
    tool.write_text(script)
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr("tempfile.tempdir", str(folder))


def test_without_the_other_program_it_is_said_that_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    key, values = beside()
    assert "not installed" in catalogue("pingyi_server", Language.ENGLISH)(key, **values)


def test_the_other_program_seals_and_checks_one_ballot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch, STAND_IN)
    key, values = beside()
    for language in LANGUAGES:
        line = catalogue("pingyi_server", language)(key, **values)
        assert "BELENIOS-2048" in line
        assert "101" in line
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[-3:] == ["election generate-ballot", "archive add-event", "election verify"]
    # nothing of the election is left
    assert {one.name for one in tmp_path.iterdir()} == {"asked", "belenios-tool"}


@pytest.mark.parametrize(
    ("script", "why"),
    [("#!/bin/sh\necho group refused >&2\nexit 1\n", "group refused"), ("#!/bin/sh\necho x\n", ".pubkey")],
)
def test_another_program_that_does_something_else_fails_no_measurement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, why: str
) -> None:
    installed(tmp_path, monkeypatch, script)
    key, values = beside()
    assert key == "bench.belenios_failed"
    assert why in catalogue("pingyi_server", Language.ENGLISH)(key, **values)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", HALLS[True], ids=lambda size: size.result)
def test_every_hall_has_its_words(size: Size, language: Language) -> None:
    words = catalogue("pingyi_server", language)
    found = [Opened(0.02, 0.5, 0.04, 0.08), Opened(0.04, 0.7, 0.08, 0.08)]
    key, values = cast_before(size, found, 8.0)
    line = words(key, **values)
    assert all(value in line for value in (str(size.members), "0.03", "10"))
    result, wait = (rounds_line(one, words) for one in rounds_of(size, found))
    assert "0.50 s (0.50 - 0.70)" in result
    assert "40.00 ms (40.00 - 80.00)" in wait


def test_no_more_proofs_are_said_to_be_checked_than_there_are_ballots() -> None:
    size = Size("result 60 sum", "wait 60 sum", Opens.SUM, 60, 1)
    assert cast_before(size, [Opened(9.0, 0.3, 0.01, 5.0)], 8.0)[1]["checked"] == "60"
