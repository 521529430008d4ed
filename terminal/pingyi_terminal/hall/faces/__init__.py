"""The faces of the hall display: each takes a face of ``view`` and words, and repaints what is new in it."""

from pingyi_terminal.hall.faces.composite import CompositeFace
from pingyi_terminal.hall.faces.final import FinalFace
from pingyi_terminal.hall.faces.idle import IdleFace
from pingyi_terminal.hall.faces.key import CeremonyFace, KeyFace
from pingyi_terminal.hall.faces.pausing import BreakFace
from pingyi_terminal.hall.faces.polling import PollingFace
from pingyi_terminal.hall.faces.ranking import RankingFace
from pingyi_terminal.hall.faces.result import ResultFace
from pingyi_terminal.hall.faces.sheet import SheetFace
from pingyi_terminal.hall.faces.unsealing import UnsealingFace
from pingyi_terminal.hall.faces.void import VoidFace
from pingyi_terminal.hall.faces.vote import VoteFace
from pingyi_terminal.hall.faces.votes import VotesFace

__all__ = [
    "BreakFace",
    "CeremonyFace",
    "CompositeFace",
    "FinalFace",
    "IdleFace",
    "KeyFace",
    "PollingFace",
    "RankingFace",
    "ResultFace",
    "SheetFace",
    "UnsealingFace",
    "VoidFace",
    "VoteFace",
    "VotesFace",
]
