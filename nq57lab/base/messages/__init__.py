"""Everything that is said to a user, by code: one file a language, read when a text is asked for.

``vi.yml`` and ``en.yml`` hold the same codes. A section is read alone, so that the words of a help page do not cost the
reading of every message.
"""

import os
import re
from collections.abc import Mapping
from functools import cache, lru_cache
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


def reason(code: str, lang: str = "vi", /, **details: object) -> str:
    """Return a reason that stands within a result, in words.

    >>> reason("spaced", "en", step=2)
    'a series of every 2 years'
    """
    return section(lang, "reasons")[code].format(**details)


@lru_cache(4096)
def retold(text: str, lang: str) -> str:
    """Return what a result keeps in Vietnamese in a language: every reason of :func:`reason` within it; the rest as it is.

    >>> retold("ValueError: dự báo có ô trống (NaN)", "en")
    'ValueError: the forecast has blank cells (NaN)'
    """
    for code, kept in section(LANGUAGES[0], "reasons").items() if lang != LANGUAGES[0] else ():
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(kept))
        for found in reversed(list(re.finditer(rf"(?:^|(?<=[;:] )){pattern}(?=; |$)", text))):
            text = text[: found.start()] + reason(code, lang, **found.groupdict()) + text[found.end() :]
    return text
