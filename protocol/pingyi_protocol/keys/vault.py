"""One encrypted file beside a device's keys, for what the device alone may know and has to keep.

Its key is derived from the device's own secret, the Ed25519 seed, by HKDF-SHA256 (RFC 5869) with a name of its own, so
that it needs no second PIN: where the key file is under a PIN, so is this, and where that is destroyed nobody opens it
any more. The file is JSON: ``format``, ``nonce`` and ``ciphertext`` (AES-256-GCM, a fresh nonce each time it is
written); format and owner are the associated data, so that no file can stand in for another one's.
"""

import os
from pathlib import Path
from typing import Annotated, Literal, Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pingyi_protocol.keys.durable import write_durably
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.wording import WordedError

FORMAT: Literal["pingyi-vault/1"] = "pingyi-vault/1"


class VaultError(WordedError):
    """The file is damaged, or of another device; the text names it and says what to do."""


class _File(Struct, frozen=True):
    format: Literal["pingyi-vault/1"]
    nonce: Annotated[bytes, msgspec.Meta(min_length=12, max_length=12)]
    ciphertext: bytes


class Strongbox(Protocol):
    """Keeps one secret thing; a Vault does."""

    def read(self) -> bytes | None:
        """Return what was written last, None before that."""

    def write(self, data: bytes) -> None:
        """Keep ``data`` in place of what was there, so that it survives a crash from here on."""


class Vault:
    """The file at ``path`` of the device with this seed; ``owner`` names whose it is."""

    def __init__(self, path: Path, signing_seed: bytes, owner: str) -> None:
        """Derive the key."""
        self.path = path
        self.associated = f"{FORMAT}\n{owner}".encode()
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=self.associated).derive(signing_seed))

    def read(self) -> bytes | None:
        """Return what was written last, None before that. VaultError when it cannot be opened, OSError."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            file = msgspec.json.decode(data, type=_File)
            return self._cipher.decrypt(file.nonce, file.ciphertext, self.associated)
        except (ValueError, RecursionError, InvalidTag) as error:  # msgspec's errors and bytes that are no UTF-8
            raise VaultError("vault.damaged", file=self.path) from error

    def write(self, data: bytes) -> None:
        """Encrypt ``data`` and put it in place of what was there, on the disk when this returns. OSError."""
        nonce = os.urandom(12)
        file = _File(FORMAT, nonce, self._cipher.encrypt(nonce, data, self.associated))
        write_durably(self.path, msgspec.json.encode(file) + b"\n")
