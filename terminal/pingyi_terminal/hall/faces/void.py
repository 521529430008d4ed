"""A round that was declared void, or a secret one that is never opened: the word, large, and the reason."""

from textual.app import ComposeResult
from textual.containers import Vertical

from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.face import Unopened, Void
from pingyi_terminal.hall.faces.parts import Headline, Line, WordBlock, Words, full_name, names_of
from pingyi_terminal.hall.fitting import Room


class VoidFace(Vertical):
    """Shows ``Void`` and ``Unopened``."""

    def compose(self) -> ComposeResult:
        """Compose the face."""
        yield Headline(id="void-name")
        yield Line(id="void-labels")
        yield WordBlock(id="void-word")
        yield Line(id="void-means")

    def show(self, face: Void | Unopened, words: Catalogue, room: Room) -> None:
        """Show which round is void, or is not opened, and why."""
        names = names_of(face.item, face.targets, words)
        self.query_one(Headline).names = names
        labels = self.query_one("#void-labels", Line)
        labels.left = (Words(words("hall.void_round", round=face.round), bold=True),)
        labels.middle = full_name(names, room.columns)
        block = self.query_one(WordBlock)
        means = self.query_one("#void-means", Line)
        if isinstance(face, Unopened):
            note = words("sealed.wall_too_few_note", least=face.least)
            block.colour, block.word, block.note = "info", words("sealed.wall_too_few"), note
            means.middle = (Words(words("sealed.wall_too_few_means"), bold=True),)
            return
        block.colour, block.word, block.note = "warning", words("hall.void"), face.reason
        means.middle = (Words(words("hall.void_means"), bold=True),)
