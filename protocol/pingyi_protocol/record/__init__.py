"""The tamper-evident record: what server, terminals and verifier share of it."""


class RecordError(Exception):
    """Something about the record does not hold.

    ``key`` is the catalogue key of its text in ``pingyi_protocol.text`` and ``values`` the fields of that
    text: ``catalogue("pingyi_protocol", language)(error.key, **error.values)`` says it to a person.
    """

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(": ".join([key, ", ".join(f"{name} {value}" for name, value in values.items())]))
