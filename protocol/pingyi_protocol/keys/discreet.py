"""Structs whose values never show in a log, a traceback or a debugger's pretty printing."""

from typing import Any

from pingyi_protocol.meeting.struct import Struct


class Discreet(Struct, frozen=True):
    """A frozen struct that holds a secret: its ``repr`` names the type and nothing else."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Give rich no field to print; msgspec's own gives it all of them."""
        return []
