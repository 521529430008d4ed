"""Which scrutineers a closed round waits for."""

from pingyi_protocol.meeting.definition import Definition, Item, Person, Role


def signers(definition: Definition, item: Item) -> tuple[Person, ...]:
    """Return who may sign this item's count: the chief alone where the item asks for that and there is one, else all.

    Where the item does not ask for it, only a result that was entered by hand is signed.
    """
    if item.rules.confirmed:
        chief = tuple(person for person in definition.roster if person.chief)
        if chief:
            return chief
    return tuple(person for person in definition.roster if Role.SCRUTINEER in person.roles)
