"""Problems found in inputs: where, what was expected, what was found, what to do.

Checks collect every problem and raise them together as one :class:`ProblemError`. A check names a message by its code and
gives the particulars; the words are in :mod:`nq57lab.base.messages`, in Vietnamese (default) and English.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nq57lab.base import messages

# Where nothing found is a thing that is not there, no blank cell.
_ABSENT = (
    *("missing_file", "missing_column", "named_file", "executed_notebook", "picture", "quarto", "call_incomplete"),
    *("option_values", "report_needs"),
)


def _place(file: str, row: int | None, column: str, words: Mapping[str, str]) -> str:
    """Return where something was found, in words and with a colon; "" where there is no place."""
    place = [file] if file else []
    place += [f"{words['row']} {row}"] if row is not None else []
    place += [f"{words['column']} {column}"] if column else []
    return f"{', '.join(place)}: " if place else ""


@dataclass(frozen=True)
class Problem:
    """One problem: a message code, a place (file, row, column) and what was found there."""

    code: str
    file: str = ""
    row: int | None = None
    column: str = ""
    found: str | Mapping[str, str] = ""  # words are given in every language
    details: Mapping[str, object] = field(default_factory=dict)
    head: str = ""  # the column as the file itself heads it, where that is not its name

    def text(self, lang: str = "vi") -> str:
        """Return the problem as one line: where, expected, found, what to do."""
        words = messages.section(lang, "words")
        details = messages.spoken(self.details, lang)
        expected, advice = (part.format(**details) for part in messages.problem(self.code, lang))
        place = _place(self.file, self.row, self.column and (self.head or self.column), words)
        found = messages.spoken({"": self.found}, lang)[""] or words["absent" if self.code in _ABSENT else "blank"]
        return f"{place}{words['expected']} {expected}; {words['found']} {found}; {words['advice']}: {advice}."

    def question(self) -> dict[str, str]:
        """Return what is asked about, in every language: what was found, and what was expected."""
        asked = {}
        for lang in messages.LANGUAGES:
            details = messages.spoken({**self.details, "": self.found}, lang)
            found = details.pop("")
            asked[lang] = f"{found} ({messages.problem(self.code, lang)[0].format(**details)})"
        return asked


@dataclass(frozen=True)
class Notice:
    """What a command read, set aside or took as meant and must not pass over in silence: a code of ``notices``, a place, particulars."""

    code: str
    file: str = ""
    row: int | None = None
    column: str = ""
    details: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: str = "vi") -> str:
        """Return the notice as one line: where, what."""
        words = messages.section(lang, "words")
        told = messages.section(lang, "notices")[self.code].format(**messages.spoken(self.details, lang))
        return _place(self.file, self.row, self.column, words) + told


class ProblemError(ValueError):
    """Raised with all problems of a check at once, told in a language (default: the process's)."""

    def __init__(self, problems: Iterable[Problem], lang: str = ""):
        self.problems = list(problems)
        super().__init__(self.text(lang or messages.chosen()))

    def text(self, lang: str = "vi") -> str:
        """Return all problems, one a line."""
        return "\n".join(problem.text(lang) for problem in self.problems)

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback: the problems alone."""
        return [str(self)]


class CallError(ProblemError):
    """Raised when a command is called wrongly (an option's value that cannot be); the command line then exits with 2."""


def likely(names: Iterable[str]) -> dict[str, str] | str:
    """Return the words that offer what was perhaps meant, in every language; empty when there is nothing to offer.

    >>> likely(["known"])["en"]
    ' (did you mean known?)'
    """
    offered = ", ".join(names)
    return messages.shape("likely", offered=offered) if offered else ""


def disk_problem(error: OSError) -> Problem:
    """Return what the system refused, in words: a full disk, a folder that cannot be written, anything else by its own reason."""
    import errno

    full, denied, other = (
        ("disk_full", "disk_full_do"),
        ("disk_denied", "disk_denied_do"),
        ("disk_other", "disk_other_do"),
    )
    kinds = {errno.ENOSPC: full, errno.EDQUOT: full}
    kinds |= dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), denied)
    found, advice = kinds.get(error.errno or 0, other)
    details = {
        "file": str(error.filename) if error.filename else messages.shape("disk_files"),
        "advice": messages.shape(advice),
    }
    return Problem("disk", found=messages.shape(found, reason=error.strerror or type(error).__name__), details=details)
