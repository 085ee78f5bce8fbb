"""Everything that is said to a user, by code: one file a language, read when a text is asked for.

``vi.yml`` and ``en.yml`` hold the same codes. A section is read alone, so that the words of a help page do not cost the
reading of every message.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LANGUAGES = ("vi", "en")


def chosen() -> str:
    """Return the language of this process: ``NQ57_LANG``, which the command line sets for the processes it starts too."""
    found = os.environ.get("NQ57_LANG", "")
    return found if found in LANGUAGES else LANGUAGES[0]


@cache
def section(lang: str, name: str) -> dict[str, Any]:
    """Read one section of a language's file.

    Parameters
    ----------
    lang : str
        One of :data:`LANGUAGES`.
    name : str
        The section's key: it opens a line, its entries are indented.
    """
    import yaml

    text = (HERE / f"{lang}.yml").read_text(encoding="utf-8")
    found = re.search(rf"^{name}:\n((?:[ #].*\n|\n)*)", text, re.MULTILINE)
    if found is None:
        raise KeyError(f"{lang}.yml: {name}")
    return yaml.load(found[1], yaml.CSafeLoader)


def problem(code: str, lang: str = "vi") -> tuple[str, str]:
    """Return what is expected and what to do, still with their {fields}.

    >>> problem("missing_column", "en")[0]
    'column {column}'
    """
    texts = section(lang, "problems")[code]
    return texts["expected"], texts["advice"]


def shape(code: str, /, **details: object) -> dict[str, str]:
    """Return the form of a value in every language, as a particular of a problem.

    >>> shape("parameter_named", name="known")["en"]
    'the parameter known'
    """
    return {lang: section(lang, "shapes")[code].format(**spoken(details, lang)) for lang in LANGUAGES}


def spoken(details: Mapping[str, object], lang: str) -> dict[str, Any]:
    """Return particulars in one language; those that are words are kept in every language."""
    return {key: value[lang] if isinstance(value, dict) else value for key, value in details.items()}


@dataclass(frozen=True)
class Reason:
    """Why something is not said, as data: a code of the messages' ``reasons`` (of ``shapes`` within another) and its figures; words only where it is printed.

    As text it is in the language of the process, so that a table of reasons prints and is written in words.
    """

    code: str
    details: tuple[tuple[str, Any], ...] = ()

    def words(self, lang: str = LANGUAGES[0], write: Callable[[str, Any], str] | None = None) -> str:
        """Return the reason in words; ``write`` writes each of its figures (name, value), else they stand as they are."""
        if self.code == TOGETHER:
            return "; ".join(value.words(lang, write) for _, value in self.details)
        told = {key: write(key, value) if write else _told(value, lang) for key, value in self.details}
        text = section(lang, "reasons").get(self.code) or section(lang, "shapes")[self.code]
        return text.format(**told)

    def brief(self) -> "Reason":
        """Return the reason in its short form, where the messages have one."""
        short = f"{self.code}_brief"
        return Reason(short, self.details) if short in section(LANGUAGES[0], "reasons") else self

    def __str__(self) -> str:
        """Return the reason in the language of the process."""
        return self.words(chosen())

    __repr__ = __str__

    def __contains__(self, words: str) -> bool:
        """Tell whether the reason says some words."""
        return words in str(self)


def head(column: str, table: str, lang: str) -> str:
    """Return the head of a column in a language: the table's own, else the common one; a column without words keeps its name."""
    heads = section(lang, "heads")
    for name in (f"{table}.{column}", column):
        if name in heads:
            return heads[name]
    stem, _, level = column.rpartition("_")
    return f"{heads[stem]} {level}" if stem in heads and level.replace(".", "").isdigit() else column


def in_words(frame: Any, lang: str = "") -> Any:
    """Return a table with its reasons in words, in a language (default: the process's), for writers that know texts only."""
    told = lang or chosen()
    texts = [name for name in frame.columns if frame[name].dtype == object]
    return frame.assign(
        **{
            name: frame[name].map(lambda cell: _told(cell, told) if isinstance(cell, Reason) else cell)
            for name in texts
        }
    )


TOGETHER = "together"  # the code of several reasons at once


def _told(value: Any, lang: str) -> Any:
    if isinstance(value, float):
        text = f"{value:.10g}"
        return text.replace(".", ",").replace("-", "−") if lang == LANGUAGES[0] else text
    return value.words(lang) if isinstance(value, Reason) else spoken({"": value}, lang)[""]


def reason(code: str, /, **details: object) -> Reason:
    """Return a reason that stands within a result.

    >>> reason("spaced", step=2).words("en"), reason("spaced", step=2) == reason("spaced", step=2)
    ('a series of every 2 years', True)
    """
    return Reason(code, tuple(details.items()))


def together(reasons: Iterable[Reason | str]) -> Reason | str:
    """Return several reasons as one; "" for none.

    >>> together([]), str(together([reason("constant"), reason("spaced", step=2)])).count(";")
    ('', 1)
    """
    found = [part for part in reasons if isinstance(part, Reason)]
    if len(found) <= 1:
        return found[0] if found else ""
    return Reason(TOGETHER, tuple((str(place), part) for place, part in enumerate(found)))
