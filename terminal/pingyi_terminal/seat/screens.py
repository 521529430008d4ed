"""Which screen paints which face."""

from typing import Any

from pingyi_terminal.seat.agenda import AgendaScreen
from pingyi_terminal.seat.choice import ChoiceScreen
from pingyi_terminal.seat.confirm import ConfirmScreen
from pingyi_terminal.seat.draft import Stage
from pingyi_terminal.seat.faces import (
    Agenda,
    Alarm,
    ByHand,
    CameLate,
    Closed,
    Connecting,
    Details,
    Encrypting,
    Face,
    Filling,
    Groups,
    Help,
    Leaving,
    Recorded,
    Recused,
    Result,
    Sent,
    TakenOver,
    TrialOver,
    Voided,
)
from pingyi_terminal.seat.help import DetailsScreen, HelpScreen
from pingyi_terminal.seat.notice import NoticeScreen
from pingyi_terminal.seat.recorded import RecordedScreen
from pingyi_terminal.seat.result import GroupsScreen, ResultScreen, TableResultScreen, VoteResultScreen
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
    Groups: GroupsScreen,
    Connecting: NoticeScreen,
    Encrypting: NoticeScreen,
    Closed: NoticeScreen,
    Voided: NoticeScreen,
    Recused: NoticeScreen,
    CameLate: NoticeScreen,
    ByHand: NoticeScreen,
    TrialOver: NoticeScreen,
    TakenOver: NoticeScreen,
    Alarm: NoticeScreen,
    Leaving: NoticeScreen,
}


def screen_of(face: Face) -> type[SeatScreen[Any]]:
    """Return the kind of screen that paints ``face``."""
    if isinstance(face, Filling):
        return filling_screen(face)
    if isinstance(face, Result):
        return result_screen(face)
    return SCREENS[type(face)]


def filling_screen(face: Filling) -> type[SeatScreen[Any]]:
    """Return the screen on which this ballot is filled in or confirmed."""
    stage = face.draft.stage
    if stage is Stage.ABSTAINING or (face.form.lone and stage is Stage.CONFIRMING):
        return ConfirmScreen
    if not face.form.lone:
        return SheetScreen
    return ScoreScreen if face.form.lines[0].scored else ChoiceScreen


def result_screen(face: Result) -> type[SeatScreen[Any]]:
    """Return the screen for figures of one question, large, or for a table of them."""
    figures = face.figures
    if len(figures.targets) == 1 and not figures.choices and not figures.targets[0].criteria:
        return ResultScreen
    return VoteResultScreen if len(figures.choices) == 1 and not figures.targets else TableResultScreen
