import re

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from pingyi_protocol.keys.qr import qr_half_blocks, qr_matrix, qr_svg

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"


def scan(dark: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> str:
    """Read a picture of dark modules as a scanner would: each module eight pixels wide, in a white margin."""
    pixels = np.kron(np.where(np.pad(dark, 4), 0, 255), np.ones((8, 8))).astype(np.uint8)
    (barcode,) = zxingcpp.read_barcodes(pixels)
    return str(barcode.text)


def modules_of(picture: str) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    rows: list[list[bool]] = []
    for line in picture.split("\n"):
        rows.append([character in "▀█" for character in line])
        rows.append([character in "▄█" for character in line])
    return np.array(rows)


@given(text=st.text(ALPHANUMERIC, min_size=1, max_size=120))
def test_a_scanner_reads_what_was_drawn(text: str) -> None:
    assert scan(np.array(qr_matrix(text))) == text
    assert scan(modules_of(qr_half_blocks(text))) == text


def test_a_scanner_reads_chinese() -> None:
    assert scan(np.array(qr_matrix("评议 92 分"))) == "评议 92 分"


@pytest.mark.parametrize(("length", "side"), [(25, 21), (26, 25), (114, 33), (115, 37)])
def test_the_smallest_version_is_taken(length: int, side: int) -> None:
    # capacities in alphanumeric mode at level L: 25, 47, 78, 114 (ISO/IEC 18004, table 7)
    matrix = qr_matrix("A" * length)
    assert len(matrix) == side
    assert {len(row) for row in matrix} == {side}


@pytest.mark.parametrize("quiet", [0, 2, 4])
def test_the_margin_is_as_wide_as_asked_and_no_line_is_styled(quiet: int) -> None:
    lines = qr_half_blocks("PINGYI", quiet).split("\n")
    assert {len(line) for line in lines} == {21 + 2 * quiet}
    assert len(lines) == (21 + 2 * quiet + 1) // 2
    assert set("".join(lines)) == set(" ▀▄█")
    drawn = modules_of("\n".join(lines))[quiet : quiet + 21, quiet : quiet + 21]
    assert (drawn == np.array(qr_matrix("PINGYI"))).all()


def drawn_in_svg(picture: str) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Fill the modules of each run, as the picture's path goes round them."""
    found = re.search(r'viewBox="0 0 (\d+) \1"', picture)
    assert found
    modules = np.zeros((int(found[1]),) * 2, dtype=np.bool_)
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", picture)
    assert "".join("M{} {}h{}v1h-{}z".format(*run) for run in runs) in picture
    for start, row, length, back in runs:
        assert length == back
        modules[int(row), int(start) : int(start) + int(length)] = True
    return modules


@given(text=st.text("0123456789", min_size=1, max_size=200))
def test_a_scanner_reads_what_goes_on_paper(text: str) -> None:
    modules = drawn_in_svg(qr_svg(text))
    assert scan(modules) == text
    inner = modules[4:-4, 4:-4]
    assert modules.sum() == inner.sum(), "four modules of margin on each side"
    assert inner[0].any()
    assert inner[-1].any()
