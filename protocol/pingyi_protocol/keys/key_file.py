"""The private keys of one device in one encrypted file.

The file is JSON: ``format``, ``kdf`` (scrypt, RFC 7914, with its parameters and salt), ``nonce``, ``ciphertext``
(AES-256-GCM of the keys as JSON) and ``checksum`` (SHA-256 of the rest). The header is the associated data, so
nothing in it can be changed unnoticed. The checksum keeps nobody out: it tells a damaged file from a wrong PIN.

With a PIN, scrypt costs 128 MiB and some tenths of a second a guess. Without a PIN there is no secret to slow down:
the passphrase is empty, scrypt is made cheap, and what protects the keys is the file's mode 0600 and nothing else.
"""

import hashlib
import os
import unicodedata
from pathlib import Path
from typing import Annotated, BinaryIO, Final, Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from pingyi_protocol.keys.discreet import Discreet
from pingyi_protocol.keys.durable import write_durably
from pingyi_protocol.keys.signing import SigningKey, generate_signing_key
from pingyi_protocol.keys.transport import TransportKeys, generate_transport_keys
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.wording import WordedError

COST_WITH_PIN: Final = 131072  # 2**17, OWASP's advice for scrypt with r = 8, p = 1
COST_WITHOUT_PIN: Final = 1024  # 2**10
_DESTROYED: Final = b'{"format": "pingyi-keys-destroyed/1"}\n'
# a key file has some 700 bytes; what is longer is cut here and so found damaged
_MOST_BYTES = 4096


class KeyFileError(WordedError):
    """The key file is missing, unreadable, damaged or of another format; the text names it and says what to do."""


class WrongPinError(WordedError):
    """The PIN does not open this key file, or one is needed and none was given."""


class DeviceKeys(Discreet, frozen=True):
    """All private keys of one device: the Ed25519 seed (32 bytes) and the CURVE pair."""

    signing_seed: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    transport: TransportKeys

    @property
    def signing_key(self) -> SigningKey:
        """The key that signs this device's commands."""
        return SigningKey(self.signing_seed)


class _Scrypt(Struct, frozen=True):
    """Only the two costs that are written are read, so a file cannot ask for a machine's whole memory."""

    name: Literal["scrypt"]
    n: Literal[131072, 1024]
    r: Literal[8]
    p: Literal[1]
    salt: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]


class _Header(Struct, frozen=True):
    format: Literal["pingyi-keys/1"]
    kdf: _Scrypt
    nonce: Annotated[bytes, msgspec.Meta(min_length=12, max_length=12)]


class _KeyFile(Struct, frozen=True):
    format: Literal["pingyi-keys/1"]
    kdf: _Scrypt
    nonce: Annotated[bytes, msgspec.Meta(min_length=12, max_length=12)]
    ciphertext: bytes
    checksum: str

    @property
    def header(self) -> _Header:
        return _Header(self.format, self.kdf, self.nonce)


def generate_device_keys() -> DeviceKeys:
    """Return new keys of both kinds from the operating system's random source."""
    return DeviceKeys(bytes(generate_signing_key()), generate_transport_keys())


def write_key_file(path: Path, keys: DeviceKeys, pin: str = "") -> None:
    """Write ``keys`` to ``path``, encrypted under ``pin`` ("" for none), with mode 0600, whole or not at all.

    Full-width digits count as plain ones. Raises OSError.
    """
    cost: Literal[131072, 1024] = COST_WITH_PIN if pin else COST_WITHOUT_PIN
    kdf = _Scrypt(name="scrypt", n=cost, r=8, p=1, salt=os.urandom(16))
    header = _Header(format="pingyi-keys/1", kdf=kdf, nonce=os.urandom(12))
    associated = msgspec.json.encode(header)
    ciphertext = AESGCM(_derive(kdf, pin)).encrypt(header.nonce, msgspec.json.encode(keys), associated)
    checksum = _checksum(header, ciphertext)
    file = _KeyFile(format=header.format, kdf=kdf, nonce=header.nonce, ciphertext=ciphertext, checksum=checksum)
    write_durably(path, _text(file))


def read_key_file(path: Path, pin: str = "") -> DeviceKeys:
    """Return the keys in the file at ``path``.

    Raises WrongPinError when ``pin`` does not open it, KeyFileError when it is missing, unreadable or damaged.
    """
    file = _read(path)
    try:
        plain = AESGCM(_derive(file.kdf, pin)).decrypt(file.nonce, file.ciphertext, msgspec.json.encode(file.header))
    except InvalidTag as error:
        raise WrongPinError("keys.wrong_pin" if pin else "keys.pin_needed", file=path) from error
    try:
        return msgspec.json.decode(plain, type=DeviceKeys)
    except msgspec.DecodeError as error:
        raise KeyFileError("keys.key_file_damaged", file=path) from error


def change_pin(path: Path, keys: DeviceKeys, pin: str) -> None:
    """Write ``keys`` anew under another ``pin``, then overwrite the older bytes, which may have lain open. OSError.

    What overwriting can do is said at ``destroy_key_file``. Windows puts no file in place of an open one: there the
    older bytes are only given free.
    """
    if os.name != "posix":
        write_key_file(path, keys, pin)
        return
    with path.open("r+b") as older:
        write_key_file(path, keys, pin)
        _overwrite(older)


def destroy_key_file(path: Path) -> None:
    """Put in place of the file at ``path`` one that says that its keys were destroyed. Raises OSError.

    The bytes are overwritten first, which a plain disk forgets by. A solid-state disk writes elsewhere, and a journal,
    a snapshot or a backup may keep what was: nothing here reaches those.
    """
    with path.open("r+b") as file:
        _overwrite(file)
    write_durably(path, _DESTROYED)


def plain_pin(pin: str) -> str:
    """Return a PIN as it counts: a Chinese input method types full-width digits, and both ways are the same PIN."""
    return unicodedata.normalize("NFKC", pin)


def needs_pin(path: Path) -> bool:
    """Say whether the file at ``path`` was written with a PIN. Raises KeyFileError as ``read_key_file`` does."""
    return _read(path).kdf.n == COST_WITH_PIN


def _overwrite(file: BinaryIO) -> None:
    file.write(bytes(os.fstat(file.fileno()).st_size))
    file.flush()
    os.fsync(file.fileno())


def _read(path: Path) -> _KeyFile:
    try:
        with path.open("rb") as source:
            data = source.read(_MOST_BYTES)
    except FileNotFoundError as error:
        raise KeyFileError("keys.key_file_missing", file=path) from error
    except OSError as error:
        raise KeyFileError("keys.key_file_unreadable", file=path, reason=error.strerror) from error
    if data == _DESTROYED:
        raise KeyFileError("keys.key_file_destroyed", file=path)
    try:
        file = msgspec.json.decode(data, type=_KeyFile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise KeyFileError("keys.key_file_damaged", file=path) from error
    # only what was written is read: no doubled name, no second spelling of the base64
    if file.checksum != _checksum(file.header, file.ciphertext) or _text(file) != data:
        raise KeyFileError("keys.key_file_damaged", file=path)
    return file


def _derive(kdf: _Scrypt, pin: str) -> bytes:
    return Scrypt(salt=kdf.salt, length=32, n=kdf.n, r=kdf.r, p=kdf.p).derive(plain_pin(pin).encode())


def _text(file: _KeyFile) -> bytes:
    return msgspec.json.format(msgspec.json.encode(file)) + b"\n"


def _checksum(header: _Header, ciphertext: bytes) -> str:
    return hashlib.sha256(msgspec.json.encode(header) + ciphertext).hexdigest()
