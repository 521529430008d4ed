"""The key of secret ballots: how its ceremony goes, and its fingerprint, as large as fits, to be read aloud."""

from textual.app import ComposeResult
from textual.containers import Vertical

from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.face import KeyCeremony, KeyMade
from pingyi_terminal.hall.faces.final import HALF
from pingyi_terminal.hall.faces.parts import Headline, Line, Words
from pingyi_terminal.hall.faces.table import Table, TableContent, TableLine
from pingyi_terminal.hall.fitting import Room, largest_name
from pingyi_terminal.widgets import BigText


class CeremonyFace(Vertical):
    """Shows ``KeyCeremony``."""

    def compose(self) -> ComposeResult:
        """Compose the face."""
        yield BigText("", "accent", id="ceremony-word")
        yield Line(id="ceremony-step")
        yield Table(id="ceremony-table")
        yield Line(id="ceremony-means")

    def show(self, face: KeyCeremony, words: Catalogue) -> None:
        """Show the step, and who is awaited by name."""
        self.query_one(BigText).text = words("sealed.wall_ceremony")
        step = words("sealed.wall_ceremony_step", step=face.step, steps=face.steps)
        failed = words("sealed.wall_ceremony_failed")
        said = Words(step, "foreground", bold=True) if face.step else Words(failed, "warning", bold=True)
        self.query_one("#ceremony-step", Line).middle = (said,)
        lines = (TableLine(one.name, "", (words(f"sealed.share_{one.share}"),)) for one in face.holders)
        self.query_one(Table).content = TableContent((words("sealed.wall_state"),), tuple(lines), numbered=False)
        self.query_one("#ceremony-means", Line).middle = (Words(words("sealed.wall_ceremony_means"), bold=True),)


class KeyFace(Vertical):
    """Shows ``KeyMade``."""

    def compose(self) -> ComposeResult:
        """Compose the face."""
        yield BigText("", "accent", id="key-word")
        yield Headline(id="key-code")
        yield Headline(id="key-rest")
        yield Line(id="key-read")
        yield Line(id="key-holders")

    def show(self, face: KeyMade, words: Catalogue, room: Room) -> None:
        """Show the fingerprint in one line, or in two, and what is to be done with it."""
        code = face.fingerprint
        whole = largest_name((code,), room.columns) == code
        self.query_one(BigText).text = words("sealed.wall_key_title")
        rest = self.query_one("#key-rest", Headline)
        self.query_one("#key-code", Headline).names = (code if whole else code[:HALF],)
        rest.names, rest.display = (code[HALF + 1 :],), not whole
        self.query_one("#key-read", Line).middle = (Words(words("sealed.wall_key_read"), "foreground", bold=True),)
        holders = words("sealed.wall_key_holders", who=words("sealed.comma").join(face.holders))
        threshold = words("sealed.wall_key_threshold", threshold=face.threshold)
        self.query_one("#key-holders", Line).middle = (Words(holders), Words(threshold))
