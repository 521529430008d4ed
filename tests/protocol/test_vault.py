"""What a device keeps for itself lies encrypted under its own secret, and opens for nothing else."""

import stat
from pathlib import Path

import pytest

from pingyi_protocol.keys.vault import Vault, VaultError

SEED, SECRET = bytes(range(32)), b"a share of the key"


def test_what_was_kept_is_read_again_and_does_not_lie_open(tmp_path: Path) -> None:
    path = tmp_path / "shares.json"
    vault = Vault(path, SEED, "pingyi/test M02")
    assert vault.read() is None
    vault.write(SECRET)
    first = path.read_bytes()
    assert SECRET not in first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Vault(path, SEED, "pingyi/test M02").read() == SECRET
    vault.write(SECRET)
    # the same thing twice does not look the same
    assert path.read_bytes() != first


@pytest.mark.parametrize("other", [Vault(Path(), bytes(32), "M02"), Vault(Path(), SEED, "M03")])
def test_another_device_or_owner_does_not_open_it(tmp_path: Path, other: Vault) -> None:
    path = tmp_path / "shares.json"
    Vault(path, SEED, "M02").write(SECRET)
    other.path = path
    with pytest.raises(VaultError, match="damaged"):
        other.read()


def test_what_was_changed_is_found(tmp_path: Path) -> None:
    path = tmp_path / "shares.json"
    vault = Vault(path, SEED, "M02")
    for broken in (b"", b"\xff", b"[" * 100_000, b'{"format":"pingyi-vault/2"}'):
        path.write_bytes(broken)
        with pytest.raises(VaultError):
            vault.read()
    vault.write(SECRET)
    data = path.read_bytes()
    path.write_bytes(data.replace(data[-6:-4], b"AA" if data[-6:-4] != b"AA" else b"BB"))
    with pytest.raises(VaultError):
        vault.read()


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = Vault(tmp_path / "shares.json", SEED, "M02")
    vault.write(b"older")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        vault.write(SECRET)
    assert vault.read() == b"older"
