"""The widgets of the screens. ``python -m pingyi_terminal.widgets`` shows them all: the test pattern of a machine."""

from pingyi_terminal.widgets.bigtext import BigText, big_text_width
from pingyi_terminal.widgets.charts import BandBars, Bar, Distribution
from pingyi_terminal.widgets.figures import BigFigure, FigureSize, figure_width
from pingyi_terminal.widgets.header import HeaderBar, Piece, link_piece, mode_piece
from pingyi_terminal.widgets.keys import ActionBlock, Hint, KeyHints
from pingyi_terminal.widgets.meter import Meter, Tally
from pingyi_terminal.widgets.mode import ModeBlock
from pingyi_terminal.widgets.painting import Painting
from pingyi_terminal.widgets.qr import QRCode, qr_light_modules
from pingyi_terminal.widgets.ranking import Ranked, RankingBars
from pingyi_terminal.widgets.ruler import QuickValues, ScoreRuler, band_of, plain_number
from pingyi_terminal.widgets.seatmap import Place, SeatLegend, SeatMap, SeatState

__all__ = [
    "ActionBlock",
    "BandBars",
    "Bar",
    "BigFigure",
    "BigText",
    "Distribution",
    "FigureSize",
    "HeaderBar",
    "Hint",
    "KeyHints",
    "Meter",
    "ModeBlock",
    "Painting",
    "Piece",
    "Place",
    "QRCode",
    "QuickValues",
    "Ranked",
    "RankingBars",
    "ScoreRuler",
    "SeatLegend",
    "SeatMap",
    "SeatState",
    "Tally",
    "band_of",
    "big_text_width",
    "figure_width",
    "link_piece",
    "mode_piece",
    "plain_number",
    "qr_light_modules",
]
