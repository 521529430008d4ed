"""Zip files that unpack to far more than they hold, and a child process with little memory to open them in."""

import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

MEMORY = 1 << 30
"""Bytes of address space of the child: libraries need some 300 MiB of it."""


def deflated_zeros(size: int) -> bytes:
    """So many zeros, deflated without ever being there: one piece again and again, and the last block."""
    packing = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    piece = packing.compress(bytes(1 << 20)) + packing.flush(zlib.Z_FULL_FLUSH)
    return piece * (size >> 20) + b"\x03\x00"


def archive(*members: tuple[str, bytes, int, int], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of (name, packed bytes, declared size, CRC-32): it says whatever a test wants."""
    body, directory = b"", b""
    for name, packed, size, crc in members:
        facts = (20, 0, method, 0, 0x21, crc, len(packed), size, len(name), 0)
        directory += struct.pack("<4sH5H3I2H", b"PK\x01\x02", 20, *facts) + struct.pack("<3H2I", 0, 0, 0, 0, len(body))
        directory += name.encode()
        body += struct.pack("<4s5H3I2H", b"PK\x03\x04", *facts) + name.encode() + packed
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + end


def zipped(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An honest zip of these parts."""
    saved = BytesIO()
    with zipfile.ZipFile(saved, "w", method) as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return saved.getvalue()


def many_entries(count: int) -> bytes:
    """A zip whose directory names one empty member so many times."""
    entry = struct.pack("<4sH5H3I2H", b"PK\x01\x02", 20, 20, 0, 0, 0, 0x21, 0, 0, 0, 1, 0)
    entry += struct.pack("<3H2I", 0, 0, 0, 0, 0) + b"a"
    most = min(count, 0xFFFF)
    return entry * count + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, most, most, len(entry) * count, 0, 0)


def in_little_memory(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a Python program that may take ``MEMORY`` at the most; what is beyond kills or fails it."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, check=False)
