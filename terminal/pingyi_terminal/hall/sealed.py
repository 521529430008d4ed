"""What the hall display shows of secret rounds: a key that is being made, its fingerprint, an opening. Pure."""

from pingyi_protocol.meeting.definition import Definition, Item
from pingyi_protocol.meeting.life import LIVE
from pingyi_protocol.secret.ceremony import Step
from pingyi_protocol.wire.picture import LiveRound, Picture, SealedRound
from pingyi_terminal.hall.face import KeyCeremony, KeyMade, Pace, Unopened, Unsealing, Wanted
from pingyi_terminal.sealed import STEPS, Stage, ceremony_holders, holders_of, name_of, stage_of


def key_face(definition: Definition, picture: Picture, wanted: Wanted, pace: Pace) -> KeyCeremony | KeyMade | None:
    """Return the face of a key that is being made or was made just now, None while the stage is for something else."""
    secret, live = picture.secret, picture.live
    if picture.closed or (live is not None and live.phase in LIVE) or wanted.key is False:
        return None
    ceremony = secret.ceremony
    if ceremony is not None and ceremony.step is not Step.DONE:
        step = STEPS.index(ceremony.step) + 1 if ceremony.step in STEPS else 0
        return KeyCeremony(step, len(STEPS), ceremony_holders(definition, ceremony))
    new = wanted.key_seen is not None and wanted.key_seen < pace.key
    if secret.key is None or not (wanted.key or new):
        return None
    holders = tuple(name_of(definition, one) or one for one in secret.holders)
    return KeyMade(secret.fingerprint, holders, secret.key.threshold)


def sealed_face(definition: Definition, live: LiveRound, item: Item, one: SealedRound) -> Unsealing | Unopened:
    """Return the face of the newest round, which is closed and not announced."""
    targets = tuple(definition.target(target) for target in live.candidates or item.targets)
    stage = stage_of(one)
    if stage is Stage.TOO_FEW:
        return Unopened(item, live.round, targets, item.rules.least_ballots)
    return Unsealing(
        item,
        live.round,
        targets,
        stage,
        live.received,
        live.base,
        len(one.invalid),
        one.cosigned,
        one.needed,
        definition.meeting.threshold,
        holders_of(definition, one),
    )
