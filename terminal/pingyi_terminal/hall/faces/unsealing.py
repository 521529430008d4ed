"""A secret round on its way to its announcement: the proofs, the cosignatures, and which scrutineers have opened."""

from textual.app import ComposeResult
from textual.containers import Vertical

from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.face import Unsealing
from pingyi_terminal.hall.faces.parts import Headline, Line, Words, full_name, names_of, remarks
from pingyi_terminal.hall.faces.table import Table, TableContent, TableLine
from pingyi_terminal.hall.fitting import Room
from pingyi_terminal.sealed import Stage
from pingyi_terminal.widgets import BigText

BESIDE = frozenset({Stage.CHECKING, Stage.COSIGNING})
"""Stages in which nobody opens yet."""


class UnsealingFace(Vertical):
    """Shows ``Unsealing``."""

    def compose(self) -> ComposeResult:
        """Compose the face."""
        yield Headline(id="unsealing-name")
        yield Line(id="unsealing-labels")
        yield BigText("", "accent", id="unsealing-word")
        yield Table(id="unsealing-table")
        yield Line(id="unsealing-foot")

    def show(self, face: Unsealing, words: Catalogue, room: Room) -> None:
        """Show how far it has come; who opens is named, what was given is not known."""
        names = names_of(face.item, face.targets, words)
        headline = self.query_one(Headline)
        headline.names = names
        headline.set_class(room.compact, "-low")
        labels = self.query_one("#unsealing-labels", Line)
        voted = words("sealed.wall_voted", received=face.received, base=face.base)
        labels.left = (Words(voted, bold=True), *remarks(face.item, face.round, "", words))
        labels.middle = full_name(names, room.columns) if not room.compact else ()
        labels.right = (Words(words(f"sealed.wall_{face.stage}"), "accent", bold=True),)
        given = sum(one.share == "given" for one in face.holders)
        word = self.query_one("#unsealing-word", BigText)
        word.text = words(f"sealed.wall_word_{face.stage}", given=given, threshold=face.threshold)
        self.query_one(Table).content = TableContent(
            (words("sealed.wall_state"),), tuple(self.lines(face, words)), numbered=False
        )
        foot = self.query_one("#unsealing-foot", Line)
        invalid = (Words(words("sealed.wall_invalid", count=face.invalid), "warning", bold=True),)
        foot.left = (Words(words("sealed.wall_opens", threshold=face.threshold), bold=True),)
        foot.right = invalid if face.invalid else ()

    def lines(self, face: Unsealing, words: Catalogue) -> list[TableLine]:
        """Return the proofs and the cosignatures, each with how it stands, and the scrutineers by name."""
        checking = face.stage is Stage.CHECKING
        proofs = "sealed.share_awaited" if checking else "sealed.share_given"
        counts = words("sealed.cosigned", cosigned=face.cosigned, needed=face.needed)
        cosigned = words("sealed.share_awaited") if face.stage in BESIDE else counts
        return [
            TableLine(words("sealed.proofs"), "", (words(proofs),)),
            TableLine(words("sealed.cosigning"), "", (cosigned,)),
            *(TableLine(one.name, "", (words(f"sealed.part_{one.share}"),)) for one in face.holders),
        ]
