"""One paper in two languages from two papers of one shape, each in one."""

from dataclasses import fields, is_dataclass, replace
from typing import Any
from unicodedata import normalize


def paired(first: Any, second: Any) -> Any:
    """Return the blocks of both as one: where their texts differ stands a pair, ``{"first": …, "second": …}``."""
    if isinstance(first, str):
        return first if alike(first, second) else {"first": first, "second": second}
    if isinstance(first, list):
        return [paired(*both) for both in zip(first, second, strict=True)]
    if isinstance(first, dict):
        return {key: paired(value, second[key]) for key, value in first.items()}
    return joined(first, second)


def alike(first: str, second: str) -> bool:
    """Whether two texts are the same but for blanks and the width of their marks: one of them is enough."""
    return "".join(normalize("NFKC", first).split()) == "".join(normalize("NFKC", second).split())


def joined(first: Any, second: Any) -> Any:
    """Return one chart of two that show the same, with the words of both."""
    if first == second:
        return first
    if isinstance(first, str):
        return first if alike(first, second) else f"{first} {second}"
    if isinstance(first, tuple):
        return tuple(joined(*both) for both in zip(first, second, strict=True))
    if not is_dataclass(first) or isinstance(first, type):
        raise TypeError(f"papers of one meeting differ: {first!r}, {second!r}")
    return replace(
        first, **{one.name: joined(getattr(first, one.name), getattr(second, one.name)) for one in fields(first)}
    )
