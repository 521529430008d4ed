"""What every console knows for itself, besides what the session tells. Pure."""

from dataclasses import dataclass
from typing import Self

from pingyi_protocol.meeting.commands import Body
from pingyi_protocol.wording import WordedError


@dataclass(frozen=True, slots=True)
class ConsoleDraft:
    """``sent`` has no answer yet; ``alarm`` is what does not fit the record, None while all fits."""

    sent: Body | None = None
    alarm: WordedError | None = None

    def undisturbed(self) -> Self:
        """Return the draft without what was asked or said last."""
        raise NotImplementedError
