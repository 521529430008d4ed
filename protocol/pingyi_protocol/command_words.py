"""Commands whose help pages and usage errors are in the person's language, click's own words included.

Nothing in the list of commands is cut short: it shows the first sentence of each help text.
"""

import re
from collections.abc import Iterable
from typing import NoReturn

import click

from pingyi_protocol.text import Catalogue, catalogue, language_of_locale

FIRST_SENTENCE = re.compile(r".*?(?:。|\.(?=\s)|$)", re.DOTALL)

CLICKS_OWN = {
    "[OPTIONS]": "usage.options_place",
    "COMMAND [ARGS]...": "usage.command_place",
    "[required]": "usage.required",
    "[default: ": "usage.default",
    "Show this message and exit.": "usage.help",
    "Show the version and exit.": "usage.version",
    "Options": "usage.options",
    "Commands": "usage.commands",
}
"""What click writes into help pages of its own, and the key of what stands there instead."""


def words() -> Catalogue:
    """Return the words in the person's language."""
    return catalogue("pingyi_protocol", language_of_locale())


def spoken(text: str) -> str:
    """Return ``text`` with click's own words in the person's language."""
    for own, key in CLICKS_OWN.items():
        text = text.replace(own, words()(key))
    return text


class HelpPage(click.HelpFormatter):
    """A help page in the person's language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:  # noqa: ARG002 - click's signature
        """Write how the command is called."""
        super().write_usage(prog, spoken(args), words()("usage.usage"))

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        self.write(f"{'':>{self.current_indent}}{words()('usage.heading', heading=spoken(heading))}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of options or commands with what each does."""
        super().write_dl([(name, spoken(text)) for name, text in rows], col_max, col_spacing)


class SpokenContext(click.Context):
    """The context of a command whose help is a HelpPage."""

    formatter_class = HelpPage


class SpokenCommand(click.Command):
    """A command with help in the person's language."""

    context_class = SpokenContext

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - a sentence is never cut
        """Return the first sentence of the help, whole."""
        return first_sentence(self.help or "")


class SpokenGroup(click.Group):
    """A group of commands with help in the person's language."""

    context_class = SpokenContext
    command_class = SpokenCommand

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - a sentence is never cut
        """Return the first sentence of the help, whole."""
        return first_sentence(self.help or "")

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names; a name that is none is said in the person's language."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-") and not ctx.resilient_parsing:
            refuse_command(ctx, name)
        return super().resolve_command(ctx, args)


class UnknownCommandError(click.UsageError):
    """There is no command of this name; the message is in the person's language."""


def refuse_command(ctx: click.Context, name: str) -> NoReturn:
    """Say that there is no such command."""
    raise UnknownCommandError(words()("usage.no_command", name=name), ctx)


def first_sentence(text: str) -> str:
    """Return the first sentence of a help text, in one line."""
    found = FIRST_SENTENCE.match(text.strip().split("\n\n")[0])
    return " ".join(found[0].split()) if found else ""


def usage_fault(fault: click.UsageError) -> str:
    """Return in one line what is wrong with how a command was called, and where its help is."""
    help_command = fault.ctx.command_path if fault.ctx else "pingyi"
    return f"{what_is_wrong(fault)} {words()('usage.more', command=help_command)}"


def what_is_wrong(fault: click.UsageError) -> str:
    """Return the fault in the person's language; click tells its kind by the class of the error."""
    say = words()
    match fault:
        case UnknownCommandError():
            return fault.message
        case click.MissingParameter():
            return say("usage.missing", name=name_of(fault.param))
        case click.NoSuchOption():
            return say("usage.no_option", name=fault.option_name)
        case click.BadOptionUsage():
            return say("usage.option_value", name=fault.option_name)
        case click.BadParameter():
            return bad_value(fault)
        case _:
            # what is left is more arguments than the command takes; click names them in brackets
            found = fault.message.partition("(")[2].rpartition(")")[0]
            return say("usage.too_many", found=found or fault.message)


def bad_value(fault: click.BadParameter) -> str:
    """Return which value is wrong and what is wanted."""
    name, kind = name_of(fault.param), fault.param.type if fault.param else None
    if isinstance(kind, click.Choice):
        return words()("usage.choice", name=name, choices=", ".join(kind.choices))
    if isinstance(kind, click.Path):
        if kind.file_okay:
            return words()("usage.file_wanted", name=name)
        return words()("usage.existing_folder_wanted" if kind.exists else "usage.folder_wanted", name=name)
    return words()("usage.value", name=name, fault=fault.message)


def name_of(parameter: click.Parameter | None) -> str:
    """Return what the help page calls this argument or option."""
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.make_metavar(click.Context(click.Command(None))) if parameter else ""
