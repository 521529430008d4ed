"""What a hostile server, file or member puts into texts: escape sequences, turned text, markup."""

from typing import Any

import msgspec

from pingyi_protocol.hidden import CATEGORIES
from pingyi_protocol.meeting.definition import Definition

TITLE_SET = "\x1b]0;owned\x07"
CLEARED = "\x1b[2J\x1b[H"
C1_COLOUR = "\x9b31m"
TURNED = "\u202e\u2066\u200f"
UNSEEN = "\u200b\ufeff\u2028\u2029\x00\x7f\xad"
ESCAPES = TITLE_SET + CLEARED + C1_COLOUR + TURNED + UNSEEN
MARKUP = "[red][@click=app.quit][b]"

TEXTS = frozenset({"name", "session", "date", "group", "short_name", "title", "goal", "report"})
IDS = frozenset({"number", "seat", "id", "target", "criterion", "component"})


def poisoned(definition: Definition, poison: str, *, ids: bool = False) -> Definition:
    """The definition with ``poison`` before every text in it, and with ``ids`` before everything that names a line."""
    named = TEXTS | IDS if ids else TEXTS

    def change(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: change(one, name) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [change(one, "id" if key == "targets" and isinstance(one, str) and ids else key) for one in value]
        return poison + value if isinstance(value, str) and value and key in named else value

    return msgspec.convert(change(msgspec.to_builtins(definition)), Definition)


def hidden_in(text: str) -> set[str]:
    """The hidden characters in a text, line breaks aside."""
    import unicodedata  # noqa: PLC0415 - the oracle is its own

    return {one for one in text if unicodedata.category(one) in CATEGORIES and one != "\n"}
