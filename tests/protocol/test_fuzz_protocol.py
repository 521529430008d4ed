"""Bad input at random for every reader of the protocol: no crash, no other error than a typed one."""

import pytest

from kit.fuzz_files import FILES_READ
from kit.fuzz_wire import WIRE
from kit.fuzzing import Fuzz, tried


@pytest.mark.parametrize("fuzz", [*WIRE, *FILES_READ], ids=lambda fuzz: fuzz.name)
def test_bad_input_gives_a_value_or_a_typed_error(fuzz: Fuzz) -> None:
    tried(fuzz)
