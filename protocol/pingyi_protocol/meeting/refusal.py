"""Why a command was refused: a stable code, and values for the words in ``text/<language>.toml`` [refusal]."""

from enum import StrEnum

from msgspec import field

from pingyi_protocol.meeting.definition import Struct


class Reason(StrEnum):
    """The stable code of each refusal; the catalogue says in both languages what to do."""

    ABSTENTION_NOT_ALLOWED = "abstention_not_allowed"
    ALREADY_ANNOUNCED = "already_announced"
    ALREADY_CLOSED = "already_closed"
    ALREADY_CONFIRMED = "already_confirmed"
    ALREADY_EXCUSED = "already_excused"
    ALREADY_PRESENT = "already_present"
    ALREADY_RECUSED = "already_recused"
    ALREADY_VOTED = "already_voted"
    ANSWERS_MISFIT = "answers_misfit"
    BAD_SIGNATURE = "bad_signature"
    BELOW_QUORUM = "below_quorum"
    CAME_LATE = "came_late"
    CHECK_IN_NOT_OPEN = "check_in_not_open"
    CHECK_IN_OPEN = "check_in_open"
    CLOSED = "closed"
    CODE_UNKNOWN = "code_unknown"
    COMMAND_ID_TAKEN = "command_id_taken"
    CONFIRMATION_MISFIT = "confirmation_misfit"
    CONTINUATION_MISFIT = "continuation_misfit"
    CONTINUATION_NEEDED = "continuation_needed"
    CONTINUATION_PENDING = "continuation_pending"
    DEFINITION_UNSOUND = "definition_unsound"
    DEVICE_REVOKED = "device_revoked"
    DEVICE_UNKNOWN = "device_unknown"
    HALF_ABSTAINED = "half_abstained"
    ITEM_VOTED = "item_voted"
    ITEM_WITHDRAWN = "item_withdrawn"
    KEY_REFUSED = "key_refused"
    MALFORMED = "malformed"
    MEETING_EXISTS = "meeting_exists"
    MEETING_UNDERWAY = "meeting_underway"
    NO_COUNTDOWN = "no_countdown"
    NO_CHECK_IN_WINDOW = "no_check_in_window"
    NO_SUCH_ITEM = "no_such_item"
    NO_SUCH_PERSON = "no_such_person"
    NO_SUCH_ROUND = "no_such_round"
    NOT_ALLOWED = "not_allowed"
    NOT_CHIEF_SCRUTINEER = "not_chief_scrutineer"
    NOT_CLOSED = "not_closed"
    NOT_CONFIRMED = "not_confirmed"
    NOT_ENTITLED = "not_entitled"
    NOT_PAUSED = "not_paused"
    NOT_PRESENT = "not_present"
    NOT_RECUSED = "not_recused"
    NOT_TIED = "not_tied"
    NOTHING_LOADED = "nothing_loaded"
    ORDER_MISFIT = "order_misfit"
    OTHER_MEETING = "other_meeting"
    OTHER_ROUND = "other_round"
    PAUSED = "paused"
    RECEIPT_REFUSED = "receipt_refused"
    RECUSED = "recused"
    RESULT_MISFIT = "result_misfit"
    RESULT_OVER_PRESENT = "result_over_present"
    ROUND_OPEN = "round_open"
    ROUND_VOID = "round_void"
    SAME_PERSON = "same_person"
    SCORE_OFF_GRID = "score_off_grid"
    SEAT_MALFORMED = "seat_malformed"
    SEAT_TAKEN = "seat_taken"
    SECONDS_OUT_OF_RANGE = "seconds_out_of_range"
    SELECTION_SIZE = "selection_size"
    TEXT_REFUSED = "text_refused"
    TRIAL = "trial"
    UNAVAILABLE = "unavailable"


class Refusal(Struct, frozen=True):
    """A command that changed nothing: the ``reason``, and ``values`` that its words name."""

    reason: Reason
    values: dict[str, str] = field(default_factory=dict)
