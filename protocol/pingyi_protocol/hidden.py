"""Characters that do not show, or that a terminal would obey: refused in what people type, written out elsewhere."""

import unicodedata

CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control, format (bidirectional marks, zero-width characters), surrogate, line and paragraph separators (UAX 44)."""


def is_hidden(character: str) -> bool:
    """Whether a character does not show or is obeyed; line breaks and tabs are."""
    # most are printable, and that is told much faster
    return not character.isprintable() and unicodedata.category(character) in CATEGORIES


def holds_hidden(text: str) -> bool:
    """Whether a text holds such a character."""
    return not text.isprintable() and any(map(is_hidden, text))


def shown(text: str) -> str:
    """Return ``text`` in one line that no terminal obeys: each hidden character is written as ``<U+202E>``."""
    if not holds_hidden(text):
        return text
    return "".join(f"<U+{ord(character):04X}>" if is_hidden(character) else character for character in text)
