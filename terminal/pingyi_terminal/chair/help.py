"""Help: every key of the chair, what it does, and whether it can be pressed now."""

from pingyi_protocol.text import Catalogue
from pingyi_terminal.chair.moves import (
    agreeing,
    ceremonial,
    check_in_switch,
    ending,
    extension,
    pausing,
    recess_switch,
    revote,
    taking_back,
    trial,
    voidable,
)
from pingyi_terminal.chair.situation import Situation
from pingyi_terminal.chair.step import next_step
from pingyi_terminal.help_panel import HelpLine, HelpPage
from pingyi_terminal.sealed import has_secret


def help_lines(words: Catalogue, situation: Situation | None) -> tuple[HelpLine, ...]:
    """Return the keys with what they do now."""
    step = next_step(words, situation) if situation else None
    can_step = step is not None and step.does is not None
    enter = words("chair.help_enter_now", step=step.label) if step and can_step else words("chair.help_enter")
    return (
        HelpLine("Enter", enter, can_step),
        HelpLine("Esc", words("chair.help_escape")),
        HelpLine(words("chair.chip_choose"), words("chair.help_choose"), situation is not None),
        HelpLine("+", words("chair.help_extend"), situation is not None and extension(situation) is not None),
        HelpLine("F3", words("chair.help_check_in"), situation is not None and check_in_switch(situation) is not None),
        pause_line(words, situation),
        HelpLine("F5", words("chair.help_trial"), situation is not None and trial(situation) is not None),
        HelpLine("F6", words("chair.help_agree"), situation is not None and agreeing(situation) is not None),
        HelpLine("F7", words("chair.help_end"), situation is not None and ending(situation) is not None),
        HelpLine("F8", words("chair.help_void"), situation is not None and can_void(situation)),
        HelpLine("F9", words("chair.help_revote"), situation is not None and revote(situation) is not None),
        *ceremony_line(words, situation),
        HelpLine("F2", words("chair.help_language")),
        HelpLine("F12", words("app.help_colours")),
        HelpLine("Ctrl+Q", words("chair.help_leave")),
    )


def pause_line(words: Catalogue, situation: Situation | None) -> HelpLine:
    """Return what F4 does: it stops the clock of a round, and the meeting between two."""
    if situation is None or situation.live is not None:
        return HelpLine("F4", words("chair.help_pause"), situation is not None and pausing(situation) is not None)
    return HelpLine("F4", words("chair.help_recess"), recess_switch(situation) is not None)


def ceremony_line(words: Catalogue, situation: Situation | None) -> tuple[HelpLine, ...]:
    """Return the key of the key ceremony, nothing where no item is secret."""
    if situation is None or not has_secret(situation.definition):
        return ()
    return (HelpLine("0", words("sealed.help_ceremony"), ceremonial(situation)),)


def help_page(words: Catalogue, situation: Situation | None) -> HelpPage:
    """Return the page of help."""
    notes = (words("chair.help_mouse"), words("chair.help_letters"), words("chair.help_seats"))
    return HelpPage(words("chair.help_title"), help_lines(words, situation), notes)


def can_void(situation: Situation) -> bool:
    """Whether F8 declares a round void now, or takes that back."""
    return voidable(situation) is not None or taking_back(situation) is not None
