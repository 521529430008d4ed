"""The tamper-evident record: what server, terminals and verifier share of it."""

from pingyi_protocol.wording import WordedError


class RecordError(WordedError):
    """Something about the record does not hold."""
