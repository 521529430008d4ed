"""Install Pingyi from this folder, without a network, by ``python3 install.py [FOLDER] [--base]``.

Makes a virtual environment in FOLDER (pingyi, where you are) and takes nothing but the wheels beside this file. --base
leaves out all parts but what a seat, the chair, the hall and ``verify`` need. Needs Python alone, no pip.
What is said stands in words.json, in both languages; JSON, as an older Python must still be able to say what it lacks.
"""

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAMS = "Scripts" if os.name == "nt" else "bin"


class Unfit(Exception):  # noqa: N818 - what a person reads is its text
    """It cannot be installed here; the text says why and what to do."""


def words(key: str, **values: object) -> str:
    """Return a text in the person's language, Chinese where nothing says which."""
    spoken = next((os.environ[name] for name in ("PINGYI_LANGUAGE", "LC_ALL", "LANG") if os.environ.get(name)), "zh")
    catalogue = json.loads((HERE / "words.json").read_text(encoding="utf-8"))
    return str(catalogue["zh" if spoken.startswith(("zh", "C.", "POSIX")) else "en"][key]).format(**values)


def main(arguments: "list[str]") -> int:
    """Install and return the exit code."""
    folders = [Path(one) for one in arguments if not one.startswith("-")]
    if len(folders) > 1 or set(arguments) - {str(one) for one in folders} - {"--base"}:
        print(words("usage"), file=sys.stderr)
        return 2
    folder = folders[0] if folders else Path("pingyi")
    try:
        program = install(folder.absolute(), base="--base" in arguments)
    except Unfit as fault:
        print(fault, file=sys.stderr)
        return 1
    print(words("done", program=program))
    return 0


def install(folder: Path, *, base: bool) -> Path:
    """Install into ``folder`` and return the program's path; Unfit where it cannot be done."""
    contents = json.loads((HERE / "contents.json").read_text(encoding="utf-8"))
    fits(contents)
    if folder.exists():
        raise Unfit(words("exists", folder=folder))
    unharmed()
    run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
    # Python runs pip out of its own wheel
    [pip] = (HERE / "wheels").glob("pip-*.whl")
    [ours] = (HERE / "wheels").glob("pingyi-*.whl")
    extras = "" if base or contents["parts"] == "base" else f"[{contents['parts']}]"
    command = [sys.executable, str(pip / "pip"), "--isolated", "--disable-pip-version-check", "--quiet"]
    into = ["--python", str(folder / PROGRAMS / "python")]
    run([*command, *into, "install", "--no-index", "--find-links", str(HERE / "wheels"), f"{ours}{extras}"])
    program = folder / PROGRAMS / "pingyi"
    run([str(program), "--version"])
    return program


def fits(contents: "dict[str, str]") -> None:
    """Raise Unfit unless Python's version and the kind of machine are those that the wheels are for."""
    python = "{}.{}".format(*sys.version_info[:2])
    platform = sysconfig.get_platform()
    if (python, platform) != (contents["python"], contents["platform"]):
        raise Unfit(words("other_machine", here=f"{python}, {platform}", **contents))


def unharmed() -> None:
    """Raise Unfit when a wheel is not as it was packed; a stick that was pulled too early leaves such."""
    for line in (HERE / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        packed, _, name = line.partition("  ")
        file = HERE / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != packed:
            raise Unfit(words("harmed", file=name))


def run(command: "list[str]") -> None:
    """Run one step with its own output shown; Unfit when it fails."""
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own words
        raise Unfit(words("failed", command=" ".join(command)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
