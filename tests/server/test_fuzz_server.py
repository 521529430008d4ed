"""Bad input at random for the server's own path: every sender is answered, every file judged in words."""

import pytest

from kit.fuzz_server import SERVER
from kit.fuzzing import Fuzz, tried


@pytest.mark.parametrize("fuzz", SERVER, ids=lambda fuzz: fuzz.name)
def test_bad_input_is_refused_in_words_and_trips_nothing(fuzz: Fuzz) -> None:
    tried(fuzz)
