"""What the chair hears of a secret item beside the gold block: what it reveals, why it waits, and the ways. Pure."""

from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_terminal.chair.parts import Aside, Said
from pingyi_terminal.chair.situation import Situation
from pingyi_terminal.sealed import Stage, is_secret, obstacle, sealed_round, secret_rules, stage_of


def secret_aside(words: Catalogue, situation: Situation) -> Aside | None:
    """Return what there is to hear of the secret item on stage, None where it is an open one or takes ballots."""
    stage = situation.stage
    if stage is None or not is_secret(stage):
        return None
    if situation.phase_of(stage) in (Phase.PENDING, Phase.VOID):
        refused = obstacle(words, situation.definition, situation.picture, stage)
        heading, *means = secret_rules(words, situation.definition, stage)
        if refused is None:
            return Aside(Said(heading), tuple(means))
        why = catalogue("pingyi_protocol", words.language)(f"refusal.{refused.reason}", **refused.values)
        return Aside(Said(heading), (why,))
    sealed = sealed_round(situation.picture, stage.id)
    if sealed is None or sealed.unsealed:
        return None
    if stage_of(sealed) is Stage.TOO_FEW:
        why = words("sealed.too_few_means", least=stage.rules.least_ballots)
        return Aside(Said(words("sealed.too_few"), "warning"), (why, words("sealed.too_few_ways")))
    return Aside(Said(words("sealed.opening"), "dim"), (words("sealed.later"),))
