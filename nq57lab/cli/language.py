"""The command line in one language: its help, Typer's frame around it, and what is wrong with a call.

Vietnamese help stands in the code, beside what it explains; its English stands in ``en.yml``, keyed by the Vietnamese text,
so that a changed text without its translation is found by a test. The frame's words are in both files.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from nq57lab.base import messages
from nq57lab.base.problems import CallError, Problem, likely
from nq57lab.facts.commands import STATE

EXAMPLE = "Thí dụ: "
PROGRAM = "nq57"
UsageError: type[Exception] = typer.BadParameter.__bases__[0]  # of the click that Typer carries or stands on


def asked(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return the language asked for: ``--lang`` before the command, else ``NQ57_LANG``, else Vietnamese.

    Known before the call is parsed, because a help page is printed while it is parsed.

    >>> asked(["--lang", "en", "data", "--help"], {}), asked(["--help"], {"NQ57_LANG": "en"}), asked(["find", "lang"], {})
    ('en', 'en', 'vi')
    """
    found, given = environment.get("NQ57_LANG", ""), list(arguments)
    while given and given[0].startswith("-"):
        option, _, value = given.pop(0).partition("=")
        if option == "--lang":
            found = value or (given.pop(0) if given else "")
    return found if found in messages.LANGUAGES else messages.LANGUAGES[0]


def _frame(section: str) -> dict[str, str]:
    return messages.section(STATE["lang"], section)


def translated(text: str | None) -> str | None:
    """Return a help text in the language chosen; the example in it stays as it is typed."""
    if not text or STATE["lang"] == "vi":
        return text
    told, mark, example = text.partition(EXAMPLE)
    example, _, more = example.partition("\n\n")
    english = _frame("help")
    parts = [english[told.strip()]] if told.strip() else []
    parts += [f"{_frame('frame')['example']}{example}"] if mark else []
    return " ".join(parts) + (f"\n\n{english[more.strip()]}" if more else "")


_Base: Any = object  # beside Typer's command or group, whose methods it extends


class _Spoken(_Base):
    """What a command and a group of commands have in common: their help in the language chosen."""

    def parse_args(self, ctx, args) -> list[str]:
        """Read the call; what is wrong with it knows its command."""
        try:
            return super().parse_args(ctx, args)
        except UsageError as error:
            error.ctx = getattr(error, "ctx", None) or ctx  # type: ignore[attr-defined]
            raise

    def collect_usage_pieces(self, ctx) -> list[str]:
        """Return the pieces of the usage line, with the frame's words."""
        words = _frame("pieces")
        return [words.get(piece, piece) for piece in super().collect_usage_pieces(ctx)]

    def format_usage(self, ctx, formatter) -> None:
        """Write the usage line."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), _frame("frame")["usage"])

    def format_help(self, ctx, formatter) -> None:
        """Write the help page."""
        from typer import rich_utils

        for name, words in _frame("panels").items():
            setattr(rich_utils, name.upper(), words)
        for owner in (self, *getattr(self, "commands", {}).values()):
            owner.help = translated(owner.help)
        parameters, types = self.get_params(ctx), _frame("types")
        for parameter in parameters:
            kind = parameter.display_type_rich(ctx) or ""
            parameter.display_type_rich = lambda ctx, kind=kind: types.get(kind, kind)
            if parameter.name != "help":
                parameter.help = translated(parameter.help)
        own = self.get_help_option(ctx)
        if own is not None:
            own.help = _frame("frame")["help"]
        super().format_help(ctx, formatter)


class Command(_Spoken, TyperCommand):
    """A command."""


class Group(_Spoken, TyperGroup):
    """A group of commands."""

    def resolve_command(self, ctx, args):
        """Find the command named; a name that is not one is told with the nearest ones."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            from difflib import get_close_matches

            hint = likely(get_close_matches(name, list(self.commands)))
            raise CallError([_problem("command_unknown", ctx, name, hint=hint)])
        return super().resolve_command(ctx, args)


def adopt(app: typer.Typer) -> typer.Typer:
    """Let every command and group of an application speak the language chosen."""
    app.info.cls = Group
    for command in app.registered_commands:
        command.cls = Command
    for group in app.registered_groups:
        group.cls = Group
        if group.typer_instance is not None:
            adopt(group.typer_instance)
    return app


def run(app: typer.Typer) -> int:
    """Run the command line on the program's arguments; return its exit code.

    Raises
    ------
    CallError
        The call is wrong; the problem says how.
    """
    try:
        return typer.main.get_command(app)(args=sys.argv[1:], prog_name=PROGRAM, standalone_mode=False) or 0
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # the help has been printed
            return 2
        raise CallError([explain(error)]) from None
    except typer.Abort:
        return 1


def _problem(code: str, ctx, found: str, place: str = "", **details: object) -> Problem:
    path = ctx.command_path if ctx is not None else PROGRAM
    return Problem(code, place or path, found=found, details={**details, "help": f"{path} --help"})


def explain(error: Any) -> Problem:
    """Return what is wrong with a call as a problem: where, expected, found, what to do."""
    ctx, name, said = error.ctx, type(error).__name__, error.format_message()
    parameter = getattr(error, "param", None)
    place = parameter.opts[-1] if parameter is not None else ""
    if name == "NoSuchOption":
        return _problem("option_unknown", ctx, error.option_name, hint=likely(sorted(error.possibilities or [])))
    if name == "MissingParameter":
        return _problem("call_incomplete", ctx, "", parameter=place)
    if name == "BadOptionUsage":
        needed = re.search(r"requires (an|\d+) argument", said)
        if needed is None:
            return _problem("option_alone", ctx, said, place=error.option_name)
        count = 1 if needed[1] == "an" else int(needed[1])
        return _problem("option_values", ctx, "", place=error.option_name, count=count)
    if name == "BadParameter" and parameter is not None:
        kind = parameter.display_type(ctx) if hasattr(parameter, "display_type") else ""
        return _problem(
            "option_type",
            ctx,
            _given(parameter),
            place=place,
            kind={lang: _kind(lang, kind, parameter) for lang in messages.LANGUAGES},
        )
    if "unexpected extra argument" in said:
        return _problem("argument_extra", ctx, said.partition("(s) (")[2].rstrip(")") or said)
    return _problem("call", ctx, said)


def _given(parameter) -> str:
    """Return what was typed for an option, as it was typed."""
    typed = sys.argv[1:]
    for place, word in enumerate(typed):
        option, equals, value = word.partition("=")
        if option in parameter.opts:
            return value if equals else typed[place + 1] if place + 1 < len(typed) else ""
    return ""


def _kind(lang: str, kind: str, parameter) -> str:
    words = messages.section(lang, "types").get(kind, kind).strip("<>")
    low, high = getattr(parameter, "min", None), getattr(parameter, "max", None)
    limits = [f"≥ {low:g}"] if low is not None else []
    limits += [f"≤ {high:g}"] if high is not None else []
    return " ".join([words, *limits])
