"""Why a command was refused: a stable code, and values for the words in ``text/<language>.toml`` [refusal]."""

from enum import StrEnum

from msgspec import field

from pingyi_protocol.meeting.definition import Struct


class Reason(StrEnum):
    """The stable code of each refusal; the catalogue says in both languages what to do."""

    ABSTENTION_NOT_ALLOWED = "abstention_not_allowed"
    ALREADY_ANNOUNCED = "already_announced"
    ALREADY_CLOSED = "already_closed"
    ALREADY_PRESENT = "already_present"
    ALREADY_RECUSED = "already_recused"
    ALREADY_VOTED = "already_voted"
    ANSWERS_MISFIT = "answers_misfit"
    BAD_SIGNATURE = "bad_signature"
    BELOW_QUORUM = "below_quorum"
    CLOSED = "closed"
    CODE_UNKNOWN = "code_unknown"
    COMMAND_ID_TAKEN = "command_id_taken"
    CONTINUATION_MISFIT = "continuation_misfit"
    CONTINUATION_NEEDED = "continuation_needed"
    CONTINUATION_PENDING = "continuation_pending"
    DEFINITION_UNSOUND = "definition_unsound"
    DEVICE_REVOKED = "device_revoked"
    DEVICE_UNKNOWN = "device_unknown"
    KEY_REFUSED = "key_refused"
    MALFORMED = "malformed"
    MEETING_CLOSED = "meeting_closed"
    MEETING_EXISTS = "meeting_exists"
    MEETING_UNDERWAY = "meeting_underway"
    NO_COUNTDOWN = "no_countdown"
    NO_SUCH_ITEM = "no_such_item"
    NO_SUCH_PERSON = "no_such_person"
    NO_SUCH_ROUND = "no_such_round"
    NOT_ALLOWED = "not_allowed"
    NOT_CLOSED = "not_closed"
    NOT_ENTITLED = "not_entitled"
    NOT_PAUSED = "not_paused"
    NOT_PRESENT = "not_present"
    NOT_RECUSED = "not_recused"
    NOTHING_LOADED = "nothing_loaded"
    OTHER_MEETING = "other_meeting"
    OTHER_ROUND = "other_round"
    PAUSED = "paused"
    RECEIPT_REFUSED = "receipt_refused"
    RECUSED = "recused"
    ROUND_OPEN = "round_open"
    ROUND_VOID = "round_void"
    SAME_PERSON = "same_person"
    SCORE_OFF_GRID = "score_off_grid"
    SEAT_MALFORMED = "seat_malformed"
    SEAT_TAKEN = "seat_taken"
    SECONDS_OUT_OF_RANGE = "seconds_out_of_range"
    TEXT_REFUSED = "text_refused"
    UNAVAILABLE = "unavailable"


class Refusal(Struct, frozen=True):
    """A command that changed nothing: the ``reason``, and ``values`` that its words name."""

    reason: Reason
    values: dict[str, str] = field(default_factory=dict)
