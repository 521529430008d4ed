"""The base of everything that is signed or stored."""

import msgspec


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Frozen, and strict about unknown fields."""
