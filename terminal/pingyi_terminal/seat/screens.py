"""Which screen paints which face."""

from typing import Any

from pingyi_terminal.seat.agenda import AgendaScreen
from pingyi_terminal.seat.confirm import ConfirmScreen
from pingyi_terminal.seat.draft import Stage
from pingyi_terminal.seat.faces import (
    Agenda,
    Alarm,
    Closed,
    Connecting,
    Details,
    Face,
    Filling,
    Help,
    Leaving,
    Recorded,
    Recused,
    Result,
    Sent,
    TakenOver,
    Voided,
)
from pingyi_terminal.seat.help import DetailsScreen, HelpScreen
from pingyi_terminal.seat.notice import NoticeScreen
from pingyi_terminal.seat.recorded import RecordedScreen
from pingyi_terminal.seat.result import ResultScreen, SheetResultScreen
from pingyi_terminal.seat.score import ScoreScreen
from pingyi_terminal.seat.screen import SeatScreen
from pingyi_terminal.seat.sent import SentScreen
from pingyi_terminal.seat.sheet import SheetScreen

SCREENS: dict[type[Face], type[SeatScreen[Any]]] = {
    Agenda: AgendaScreen,
    Sent: SentScreen,
    Recorded: RecordedScreen,
    Help: HelpScreen,
    Details: DetailsScreen,
    Connecting: NoticeScreen,
    Closed: NoticeScreen,
    Voided: NoticeScreen,
    Recused: NoticeScreen,
    TakenOver: NoticeScreen,
    Alarm: NoticeScreen,
    Leaving: NoticeScreen,
}


def screen_of(face: Face) -> type[SeatScreen[Any]]:
    """Return the kind of screen that paints ``face``."""
    if isinstance(face, Filling):
        if len(face.targets) > 1:
            return SheetScreen
        return ScoreScreen if face.draft.stage is Stage.FILLING else ConfirmScreen
    if isinstance(face, Result):
        return SheetResultScreen if len(face.targets) > 1 else ResultScreen
    return SCREENS[type(face)]
