"""Help: every key of a scrutineer, what it does, and whether it can be pressed now."""

from pingyi_protocol.text import Catalogue
from pingyi_terminal.help_panel import HelpLine, HelpPage
from pingyi_terminal.scrutineer.situation import Situation
from pingyi_terminal.scrutineer.step import step_of


def help_page(words: Catalogue, situation: Situation | None) -> HelpPage:
    """Return the page of help; before the server was heard there is nothing to sign."""
    step = step_of(words, situation) if situation is not None else None
    signs = step is not None and step.does is not None
    label = words("chair.help_enter_now", step=step.label) if step and signs else words("chair.help_enter")
    turns = situation is not None and situation.following is not None
    override = (
        (HelpLine("F8", words("scrutiny.help_override")),) if situation is not None and situation.overridable else ()
    )
    lines = (
        HelpLine("Enter", label, signs),
        HelpLine("Esc", words("chair.help_escape")),
        HelpLine("F6", words("scrutineer.help_next"), turns),
        *override,
        HelpLine(words("chair.chip_choose"), words("scrutineer.help_scroll")),
        HelpLine("F2", words("chair.help_language")),
        HelpLine("F12", words("app.help_colours")),
        HelpLine("Ctrl+Q", words("scrutineer.help_leave")),
    )
    return HelpPage(words("scrutineer.help_title"), lines, (words("scrutineer.help_means"),))
