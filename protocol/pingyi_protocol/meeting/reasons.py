"""The reasons that people type: for the record, for screens, and for the minutes."""

import unicodedata

LONGEST_REASON = 200


def is_reason(text: str) -> bool:
    """Whether a text says something, is short, and holds no control or invisible formatting characters."""
    return 0 < len(text) <= LONGEST_REASON and text.strip() != "" and not any(map(invisible, text))


def invisible(character: str) -> bool:
    """Whether a character is one of Unicode's control, format, surrogate, private or unassigned ones."""
    return unicodedata.category(character).startswith("C")
