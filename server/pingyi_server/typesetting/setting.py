"""Set a document: a template of our own, filled with data that is never markup, as PDF or pictures."""

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final, Literal

import typst

from pingyi_server.typesetting.fonts import fonts

PDF_STANDARD: Final = "a-2u"
"""PDF/A-2u: fonts inside, text that can be searched; archives take it."""

TAGGED_STANDARD: Final = "a-2a"
"""PDF/A-2a: the same, and what is a heading, a table or a picture is said too, for those who have it read out."""


def template(package: str, name: str) -> bytes:
    """Return a template that lies beside the modules of ``package``."""
    return (resources.files(package) / name).read_bytes()


def pdf(source: bytes, data: Mapping[str, Any], *, tagged: bool = False) -> bytes:
    """Return the PDF of a template with ``data``, which it reads from ``sys.inputs.data`` as JSON.

    ``tagged`` says what each part of the text is; that would treble the size of many small texts.
    """
    standard: Literal["a-2a", "a-2u"] = TAGGED_STANDARD if tagged else PDF_STANDARD
    [document] = made(compiler(data).compile(source, format="pdf", pdf_standards=standard, pdf_tags=tagged))
    return document


def pictures(source: bytes, data: Mapping[str, Any], pixels_an_inch: float) -> list[bytes]:
    """Return the pages of a template with ``data`` as PNG."""
    return made(compiler(data).compile(source, format="png", ppi=pixels_an_inch))


def compiler(data: Mapping[str, Any]) -> typst.Compiler:
    """Return a compiler that gives templates ``data``; it reads no file but fonts."""
    return typst.Compiler(font_paths=fonts(), sys_inputs={"data": json.dumps(data, ensure_ascii=False)})


def made(output: bytes | list[bytes] | None) -> list[bytes]:
    """Return what was compiled as a list; the library gives what is alone by itself."""
    if output is None:
        raise ValueError("nothing was compiled")
    return [output] if isinstance(output, bytes) else output
