"""docs/dependencies.md names every package that is declared or pinned, with the licence that it states itself."""

import re
import tomllib
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = dict(re.findall(r"^([\w.-]+)==(.+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE))
LINES = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in DOCUMENT.splitlines()
    if line.startswith("| ") and not line.startswith("| package")
]
LICENCES = {canonicalize_name(cells[0]): cells[1] for cells in LINES}
PARTS = {canonicalize_name(cells[0]): set(cells[2].split(", ")) for cells in LINES if len(cells) == 6}

# What packages say that state no SPDX expression, and the expressions that it may stand for
OLD_WORDS = {
    "Apache Software License": {"Apache-2.0"},
    "Apache-2.0": {"Apache-2.0"},
    "BSD License": {"BSD-2-Clause", "BSD-3-Clause"},
    "GNU Lesser General Public License v2 or later (LGPLv2+)": {"LGPL-2.1-or-later"},
    "GNU Lesser General Public License v3 (LGPLv3)": {"LGPL-3.0-only"},
    "MIT": {"MIT"},
    "MIT License": {"MIT"},
    "Mozilla Public License 2.0 (MPL 2.0)": {"MPL-2.0"},
    "Permission is hereby granted, free of charge": {"MIT"},
    "Python Software Foundation License": {"PSF-2.0", "LicenseRef-Matplotlib (a PSF licence)"},
}


def possible(facts: PackageMetadata) -> set[str]:
    """Return the SPDX expressions that a package's own words may mean."""
    if facts["License-Expression"]:
        return {facts["License-Expression"]}
    named = [line.rpartition(" :: ")[2] for line in facts.get_all("Classifier") or [] if line.startswith("License")]
    if not named:
        text = facts["License"] or ""
        named = [text, *(words for words in OLD_WORDS if len(words) > len("Apache-2.0") and words in text)]
    return {one for words in named for one in OLD_WORDS.get(words, ())}


@pytest.mark.parametrize("name", PINS)
def test_the_licence_of_what_is_pinned_is_the_one_it_states(name: str) -> None:
    assert LICENCES[canonicalize_name(name)] in possible(metadata(name))


def test_each_is_named_once_and_each_extra_with_its_own() -> None:
    assert len(LINES) == len(LICENCES)
    assert set(LICENCES) == set(map(canonicalize_name, PINS))
    extras = {part: PROJECT["optional-dependencies"][part] for part in ("server", "postgresql", "web")}
    for part, wanted in {"base": PROJECT["dependencies"], **extras}.items():
        declared = {canonicalize_name(Requirement(one).name) for one in wanted}
        assert declared == {name for name, parts in PARTS.items() if part in parts}, part


def test_what_is_declared_is_pinned_at_a_version_that_will_do() -> None:
    pins = {canonicalize_name(name): version for name, version in PINS.items()}
    declared = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    for one in map(Requirement, (line for lines in declared for line in lines)):
        assert one.specifier.contains(pins[canonicalize_name(one.name)]), one


def test_the_version_stands_in_one_place() -> None:
    version = PROJECT["version"]
    assert metadata("pingyi")["Version"] == version
    newest = re.search(r"^## (?:\[)?([\w.]+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] in (version, "Unreleased")
    code = (path for part in ("protocol", "server", "terminal") for path in (ROOT / part).rglob("*.py"))
    assert [path for path in code if f'"{version}"' in path.read_text(encoding="utf-8")] == []
