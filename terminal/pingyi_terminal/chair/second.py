"""What waits for a second person, in words: a round that is to be void, a terminal that the chair must allow. Pure."""

from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.text import Catalogue
from pingyi_terminal.chair.parts import Aside, Said
from pingyi_terminal.chair.situation import Situation
from pingyi_terminal.chair.step import agree_step, named

CODES_NAMED = 3
"""Members who are named above the desk; more would not fit on a line."""


def codes_shout(words: Catalogue, situation: Situation) -> str:
    """Return who wants a new terminal and waits for the chair, "" where nobody does."""
    people = [code.person for code in situation.codes]
    if not people:
        return ""
    if len(people) == 1 and situation.codes[0].role is Role.SCRUTINEER:
        return words("chair.code_shout_scrutineer", who=named(situation.definition, people[0]))
    if len(people) == 1:
        seat = seat_of(situation, people[0]) or words("chair.no_seat")
        return words("chair.code_shout", who=named(situation.definition, people[0]), seat=seat)
    who = words("chair.and").join(named(situation.definition, person) for person in people[:CODES_NAMED])
    more = words("chair.codes_more", count=len(people) - CODES_NAMED) if len(people) > CODES_NAMED else ""
    return words("chair.codes_shout", count=len(people), who=who + more)


def seat_of(situation: Situation, number: str) -> str:
    """Return where a member sits now, "" for nowhere."""
    person = situation.definition.person(number)
    return situation.picture.seats.get(number, person.seat if person is not None else "")


def agreement_aside(words: Catalogue, situation: Situation) -> Aside | None:
    """Return what agreeing means, while the chair is asked; else None."""
    step = agree_step(words, situation)
    if step is None:
        return None
    place, code = next(one for one in enumerate(situation.codes, 1) if one[1] == step.does)
    title = named(situation.definition, code.person)
    if len(situation.codes) > 1:
        title = words("chair.agree_nth", who=title, place=place, count=len(situation.codes))
    return Aside(Said(title, "warning"), (words("chair.agree_means"),))


def voiding_aside(words: Catalogue, situation: Situation) -> Aside | None:
    """Return what was declared of the round on stage and who has still to sign it; None where nothing waits."""
    one = situation.voiding
    if one is None:
        return None
    reason = words("chair.voiding_because", reason=one.reason)
    # the countdown leaves little room
    lines = (words("chair.voiding_live"), reason) if situation.live else (reason, words("chair.voiding_means"))
    return Aside(Said(words("chair.voiding", round=one.round), "warning"), lines)
