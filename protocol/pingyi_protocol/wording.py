"""Errors that a person reads: a catalogue key and its values, put into words at the edge."""

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue


class WordedError(ValueError):
    """Something is wrong, and the catalogue of its package says what and what to do.

    ``key`` is a stable code such as ``keys.wrong_pin``; ``values`` fill the fields of its text, each
    error among them in the same language. ``str()`` gives
    the English words, for logs; a screen asks the catalogue of its own language. Never holds a secret.
    ``exit_code`` is what a command ends with: 2 for bad input, 1 where something failed.
    """

    package = "pingyi_protocol"
    exit_code = 2

    def __init__(self, key: str, **values: object) -> None:
        """Take the catalogue key and the values of its fields."""
        super().__init__(key, values)
        self.key = key
        self.values = values

    def words(self, language: Language) -> str:
        """Return what is wrong and what to do, in a language."""
        values = {
            name: value.words(language) if isinstance(value, WordedError) else value
            for name, value in self.values.items()
        }
        return catalogue(self.package, language)(self.key, **values)

    def __str__(self) -> str:
        return self.words(Language.ENGLISH)
