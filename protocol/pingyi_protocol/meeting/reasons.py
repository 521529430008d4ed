"""The reasons that people type: for the record, for screens, and for the minutes."""

from pingyi_protocol.hidden import holds_hidden

LONGEST_REASON = 200


def is_reason(text: str) -> bool:
    """Whether a text says something, is short, and holds nothing that does not show or that a terminal would obey."""
    return 0 < len(text) <= LONGEST_REASON and text.strip() != "" and not holds_hidden(text)
