"""The page of secret rounds: the key and its ceremony, the scrutineers at their terminals, and every opening. Pure."""

from collections.abc import Iterator

from pingyi_protocol.secret.ceremony import Step
from pingyi_protocol.text import Catalogue
from pingyi_terminal.clerk.situation import Situation
from pingyi_terminal.clerk.table import Cell, Column
from pingyi_terminal.key_ceremony import Offer
from pingyi_terminal.sealed import (
    STEPS,
    Share,
    Stage,
    ceremony_holders,
    ceremony_step,
    ceremony_words,
    name_of,
    opening_told,
    stage_of,
    stage_words,
)

Row = tuple[Cell, ...]
INKS = {Share.GIVEN: "ok", Share.AWAITED: "warning", Share.SPARE: "dim", Share.BAD: "warning"}


def offer_of(situation: Situation) -> Offer:
    """Return what a key ceremony could begin with."""
    return Offer(situation.definition, situation.picture, situation.backstage)


def secret_rounds(words: Catalogue, situation: Situation) -> tuple[tuple[Column, ...], tuple[Row, ...], int, str]:
    """Return the key, the scrutineers and the openings; under them what is to be done."""
    columns = (Column(words("clerk.column_secret"), 22), Column("", 0))
    rows = (*key_rows(words, situation), *people_rows(words, situation), *opening_rows(words, situation))
    return columns, rows, 0, todo(words, situation)


def key_rows(words: Catalogue, situation: Situation) -> Iterator[Row]:
    """Yield the fingerprint of the key, and how far the newest ceremony has come."""
    secret = situation.picture.secret
    code = Cell(secret.fingerprint, bold=True) if secret.key is not None else Cell(words("sealed.no_key"), "warning")
    yield Cell(words("sealed.wall_key_title"), bold=True), code
    ceremony = secret.ceremony
    if ceremony is not None:
        # who is awaited stands below, who is at fault under the list
        told = words("sealed.ceremony_done", attempt=ceremony.attempt)
        if ceremony.step in STEPS:
            told = ceremony_step(words, ceremony)
        elif ceremony.step is Step.FAILED:
            told = words("sealed.wall_ceremony_failed")
        yield (
            Cell(words("sealed.wall_ceremony"), bold=True),
            Cell(told, "ok" if ceremony.step is Step.DONE else "warning"),
        )


def people_rows(words: Catalogue, situation: Situation) -> Iterator[Row]:
    """Yield each scrutineer with the terminal, and with what a ceremony under way awaits."""
    offer, ceremony = offer_of(situation), situation.picture.secret.ceremony
    shares = ceremony_holders(situation.definition, ceremony) if ceremony is not None else ()
    standing = {one.number: one.share for one in shares}
    yield Cell(""), Cell("")
    for number in sorted((*offer.ready, *offer.bare)):
        who = Cell(f"{number} {name_of(situation.definition, number)}", bold=True)
        if number in offer.bare and offer.ceremony is not None:
            yield who, Cell(words("clerk.means_none"), "warning")
            continue
        share = standing.get(number)
        told = words(f"sealed.share_{share}") if share is not None else ""
        answers = words("sealed.panel_online" if number in offer.answering else "sealed.panel_silent")
        terminal = answers if offer.ceremony is not None else ""
        shown = "  ".join(filter(None, (told, terminal)))
        yield who, Cell(shown, INKS.get(share, "dim") if share is not None else "dim")


def opening_rows(words: Catalogue, situation: Situation) -> Iterator[Row]:
    """Yield how far each closed secret round is opened."""
    for one in situation.picture.secret.rounds:
        stage = stage_words(words, situation.definition, one)
        yield Cell(""), Cell("")
        named = words("clerk.secret_item", item=one.item, round=one.round)
        yield Cell(named, bold=True), Cell(stage, "ok" if one.unsealed else "warning", bold=True)
        for told in opening_told(words, situation.definition, one):
            yield Cell(f"  {told.label}", "dim"), Cell(told.value, "warning" if told.amiss else "foreground")


def todo(words: Catalogue, situation: Situation) -> str:
    """Return what is to be done now, the first thing that keeps secret rounds waiting."""
    secret = situation.picture.secret
    waits = {stage_of(one) for one in secret.rounds}
    if Stage.OPENING in waits:
        return words("clerk.secret_open")
    if Stage.COSIGNING in waits:
        return words("clerk.secret_cosign")
    if Stage.TOO_FEW in waits:
        return words("clerk.secret_too_few")
    if secret.ceremony is not None and secret.ceremony.step is Step.FAILED:
        return ceremony_words(words, situation.definition, secret.ceremony)
    if secret.ceremony is not None and secret.ceremony.missing:
        return words("clerk.secret_ceremony")
    return words("clerk.secret_key") if secret.key is None else words("clerk.secret_ready")
