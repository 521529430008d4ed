"""What the composites would be under other weights: nothing of it is on the record, and nothing is saved."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import msgspec

from pingyi_protocol.meeting import composite as composites
from pingyi_protocol.meeting.components import Component
from pingyi_protocol.meeting.composite import Source, WeightsError
from pingyi_server.exports.view import ExportError, View

change = msgspec.structs.replace


def named_sources(components: tuple[Component, ...]) -> dict[str, Source]:
    """Return what has a weight by the names that people may call it: ``NAME`` or ``ID``, of a part ``NAME/PART``."""
    found: dict[str, Source] = {}
    for component in components:
        for name in (component.id, component.name):
            found.setdefault(name, (component.id, ""))
            found |= {f"{name}/{part.id}": (component.id, part.id) for part in component.parts}
            found |= {f"{name}/{part.name}": (component.id, part.id) for part in component.parts}
    return found


def reweighted(view: View, weights: Mapping[Source, Decimal]) -> View:
    """Return the view with the composites that other weights (in per cent) would give; the view itself stays.

    ExportError where the weights do not sum to exactly 100.
    """
    components = composites.reweighted(view.definition.components, weights)
    try:
        lines = composites.recomputed(components, view.definition.composite, view.results.composite)
    except WeightsError as fault:
        total = Decimal(fault.total.numerator) / fault.total.denominator
        raise ExportError("composite.weights", total=f"{total:f}") from fault
    definition = change(view.definition, components=components)
    results = change(view.results, composite=lines, composite_announced=False)
    return replace(view, definition=definition, results=results)
