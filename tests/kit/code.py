"""Reading the product's code as a test does that looks for words in it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("protocol", "server", "terminal")

Pieces = tuple[str | None, ...]
"""An f-string: its texts, and None for each field."""


@dataclass(frozen=True)
class Source:
    """A file of code, as text and as a tree."""

    path: Path
    tree: ast.Module

    @property
    def name(self) -> str:
        """The path from the root of the project."""
        return self.path.relative_to(ROOT).as_posix()


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Every Python file in these folders of the project, scripts without a suffix too."""
    files = (path for folder in folders for path in sorted((ROOT / folder).rglob("*")) if path.is_file())
    return tuple(Source(path, ast.parse(path.read_text(encoding="utf-8"))) for path in files if is_python(path))


def is_python(path: Path) -> bool:
    """Whether this is Python, by its name or by its first line."""
    return path.suffix == ".py" or (not path.suffix and path.read_bytes()[:64].startswith(b"#!/usr/bin/env python3"))


class Text(NamedTuple):
    """A string in the code, its line, and the nodes that it stands in, itself the last."""

    value: str
    line: int
    nodes: tuple[ast.AST, ...]


def texts(source: Source) -> Iterator[Text]:
    """Yield every string of a file that is no docstring."""
    waiting: list[tuple[ast.AST, ...]] = [(source.tree,)]
    while waiting:
        nodes = waiting.pop()
        node = nodes[-1]
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not isinstance(nodes[-2], ast.Expr):
            yield Text(node.value, node.lineno, nodes)
        waiting += [(*nodes, child) for child in ast.iter_child_nodes(node)]


def called(node: ast.AST) -> str:
    """The last name of what a call calls, "" where it is no call of a name."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def literal(node: ast.expr) -> str | None:
    """A text in an f-string, None for a field."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


class Asked:
    """The keys that the code can ask a catalogue for: written out, or composed by an f-string of parts in the code."""

    def __init__(self, found: tuple[Source, ...]) -> None:
        """Collect the texts, the names of fields and the f-strings of these files."""
        self.parts: set[str] = set()
        self.composed: set[Pieces] = set()
        self.fragments: set[Pieces] = set()
        for source in found:
            for text in texts(source):
                # "p99 ms" and ":upright" are asked for without what is no letter
                self.parts |= {text.value, re.sub(r"\W", "_", text.value).strip("_")}
            for node in ast.walk(source.tree):
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    self.parts.add(node.target.id)
                elif isinstance(node, ast.JoinedStr):
                    self.keep(tuple(map(literal, node.values)))

    def keep(self, pieces: Pieces) -> None:
        """Keep an f-string that begins a key with its section, or a part of one."""
        first = pieces[0] if pieces else None
        if isinstance(first, str) and re.match(r"[a-z_]+\.", first):
            self.composed.add(pieces)
        elif isinstance(first, str) and re.fullmatch(r"[a-z]+_", first):
            self.fragments.add(pieces)

    def __contains__(self, key: str) -> bool:
        return key in self.parts or any(self.fits(key, pieces) for pieces in self.composed)

    def fits(self, text: str, pieces: Pieces) -> bool:
        """Whether a text is what these pieces compose of parts that stand in the code."""
        if not pieces:
            return not text
        first, *rest = pieces
        if first is not None:
            return text.startswith(first) and self.fits(text[len(first) :], tuple(rest))
        splits = range(len(text) + 1)
        return any(self.is_part(text[:end]) and self.fits(text[end:], tuple(rest)) for end in splits)

    def is_part(self, text: str) -> bool:
        """Whether a field may hold this text."""
        return text in self.parts or text.isdigit() or any(self.fits(text, pieces) for pieces in self.fragments)
