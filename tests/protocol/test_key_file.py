import base64
import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from pingyi_protocol.keys.key_file import (
    DeviceKeys,
    KeyFileError,
    WrongPinError,
    generate_device_keys,
    needs_pin,
    read_key_file,
    write_key_file,
)
from pingyi_protocol.keys.signing import public_text

# tmp_path is shared by the examples of one test; each writes its own file over the last one
overwriting = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def keys() -> DeviceKeys:
    return generate_device_keys()


def test_keys_come_back_without_a_pin(tmp_path: Path, keys: DeviceKeys) -> None:
    path = tmp_path / "keys.json"
    write_key_file(path, keys)
    assert not needs_pin(path)
    assert read_key_file(path) == keys


def test_keys_come_back_with_their_pin_only(tmp_path: Path, keys: DeviceKeys) -> None:
    path = tmp_path / "keys.json"
    write_key_file(path, keys, "2580")
    assert needs_pin(path)
    assert read_key_file(path, "2580") == keys
    with pytest.raises(WrongPinError) as wrong:
        read_key_file(path, "2581")
    assert wrong.value.key == "keys.wrong_pin"
    with pytest.raises(WrongPinError) as missing:
        read_key_file(path)
    assert missing.value.key == "keys.pin_needed"


def test_full_width_digits_are_the_same_pin(tmp_path: Path, keys: DeviceKeys) -> None:
    path = tmp_path / "keys.json"
    write_key_file(path, keys, "２５８０")
    assert read_key_file(path, "2580") == keys


def test_a_pin_for_a_file_without_one_is_wrong(tmp_path: Path, keys: DeviceKeys) -> None:
    path = tmp_path / "keys.json"
    write_key_file(path, keys)
    with pytest.raises(WrongPinError):
        read_key_file(path, "2580")


@pytest.mark.parametrize("pin", ["", "2580"])
def test_the_file_shows_no_secret_and_belongs_to_its_owner(tmp_path: Path, keys: DeviceKeys, pin: str) -> None:
    path = tmp_path / "keys.json"
    write_key_file(path, keys, pin)
    text = path.read_text()
    assert keys.transport.secret not in text
    assert keys.signing_seed.hex() not in text
    assert set(json.loads(text)) == {"format", "kdf", "nonce", "ciphertext", "checksum"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["keys.json"]


def test_two_files_of_the_same_keys_share_no_salt_and_no_nonce(tmp_path: Path, keys: DeviceKeys) -> None:
    files = []
    for name in ("a", "b"):
        write_key_file(tmp_path / name, keys)
        files.append(json.loads((tmp_path / name).read_text()))
    assert files[0]["kdf"]["salt"] != files[1]["kdf"]["salt"]
    assert files[0]["nonce"] != files[1]["nonce"]


@overwriting
@given(place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_one_flipped_bit_is_told_from_a_wrong_pin(tmp_path: Path, place: int, bit: int) -> None:
    path = tmp_path / "keys.json"
    write_key_file(path, generate_device_keys())
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= 1 << bit
    path.write_bytes(data)
    with pytest.raises(KeyFileError) as damaged:
        read_key_file(path)
    assert str(path) in str(damaged.value)


@overwriting
@given(length=st.integers(min_value=0))
def test_a_truncated_file_is_damaged(tmp_path: Path, length: int) -> None:
    path = tmp_path / "keys.json"
    write_key_file(path, generate_device_keys())
    data = path.read_bytes().rstrip()
    path.write_bytes(data[: length % len(data)])
    with pytest.raises(KeyFileError):
        read_key_file(path)
    with pytest.raises(KeyFileError):
        needs_pin(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("n", 2**30), ("n", 4096), ("n", 2), ("n", 2048), ("r", 2**20), ("p", 2**20), ("n", -1), ("name", "pbkdf2")],
)
def test_a_file_cannot_ask_for_other_costs(tmp_path: Path, keys: DeviceKeys, name: str, value: object) -> None:
    path = tmp_path / "keys.json"
    write_key_file(path, keys)
    file = json.loads(path.read_text())
    file["kdf"][name] = value
    header = json.dumps({name: file[name] for name in ("format", "kdf", "nonce")}, separators=(",", ":"))
    file["checksum"] = hashlib.sha256(header.encode() + base64.b64decode(file["ciphertext"])).hexdigest()
    path.write_text(json.dumps(file, indent=2) + "\n")
    with pytest.raises(KeyFileError) as refused:
        read_key_file(path)
    assert refused.value.key == "keys.key_file_damaged"


def test_a_second_spelling_of_a_file_is_damaged(tmp_path: Path, keys: DeviceKeys) -> None:
    path = tmp_path / "keys.json"
    write_key_file(path, keys)
    path.write_text(json.dumps(json.loads(path.read_text())))
    with pytest.raises(KeyFileError):
        read_key_file(path)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(b" " * 10_000_000)
    with pytest.raises(KeyFileError):
        read_key_file(path)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError) as missing:
        read_key_file(tmp_path / "keys.json")
    assert missing.value.key == "keys.key_file_missing"
    assert "Enrol" in str(missing.value)


def test_a_folder_in_its_place_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError) as unreadable:
        read_key_file(tmp_path)
    assert unreadable.value.key == "keys.key_file_unreadable"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, keys: DeviceKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keys.json"
    write_key_file(path, keys)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_key_file(path, generate_device_keys())
    assert read_key_file(path) == keys
    assert [entry.name for entry in tmp_path.iterdir()] == ["keys.json"]


def test_device_keys_never_print_themselves(keys: DeviceKeys) -> None:
    for shown in (repr(keys), pretty_repr(keys)):
        assert shown.startswith("DeviceKeys(")
        assert keys.transport.secret not in shown
        assert repr(keys.signing_seed) not in shown


def test_the_signing_key_is_that_of_the_seed(tmp_path: Path, keys: DeviceKeys) -> None:
    write_key_file(tmp_path / "keys.json", keys)
    assert public_text(read_key_file(tmp_path / "keys.json").signing_key) == public_text(keys.signing_key)
