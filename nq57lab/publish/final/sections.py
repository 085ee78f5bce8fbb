"""The sections of a report that officials write by hand: those that nobody has written, and what is wrong in the others, before anything runs.

A project and a report's parameters in; problems with file and line out. A field that is not understood forbids the report, a typed number
forbids a final edition only.
"""

import json
import re
from pathlib import Path
from typing import Any

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.documents import plain_numbers, templates
from nq57lab.facts import known as knowledge
from nq57lab.publish.starting import PLACEHOLDER

_SECTION = re.compile(r"""\.section\(\s*["']([^"']+)["']""")
_FIELD = re.compile(r"\{\{[^{}]*\}\}")
_COUNTED = re.compile(r"\{\{\s*dem\s*:[^{}]*\}\}")  # named by the notebook as it runs


def _texts(root: Path, parameters: dict[str, Any]) -> dict[Path, str]:
    """Return the file of each section that a report's notebook shows, with its text; "" where there is none."""
    source = json.loads((root / "notebooks" / parameters["notebook"]).read_text(encoding="utf-8"))
    code = "\n".join("".join(cell["source"]) for cell in source["cells"] if cell["cell_type"] == "code")
    folder = root / "reports" / "sections" / parameters["edition"]
    paths = [folder / f"{name}.md" for name in dict.fromkeys(_SECTION.findall(code))]
    return {path: path.read_text(encoding="utf-8-sig") if path.is_file() else "" for path in paths}


def unwritten(root: Path, parameters: dict[str, Any]) -> list[Problem]:
    """Return the sections of a report that nobody has written: no file, nothing in it, or still the place kept for it."""
    return [
        Problem("section_empty", path.relative_to(root).as_posix())
        for path, text in _texts(root, parameters).items()
        if not text.replace(PLACEHOLDER, "").strip()
    ]


def check(root: Path, parameters: dict[str, Any]) -> list[Problem]:
    """Return the numbers that are typed into the sections instead of called by name.

    Raises
    ------
    ProblemError
        With every field of every section that is not understood.
    """
    texts = {path.relative_to(root).as_posix(): text for path, text in _texts(root, parameters).items() if text}
    if not any(re.search(r"\d|\{\{", text) for text in texts.values()):
        return []
    known, wrong, typed = knowledge.of_parameters(root, parameters), list[Problem](), list[Problem]()
    allowed = [value for value in map(str, parameters.values()) if not value.isdecimal()]
    for file, text in texts.items():
        try:
            templates.fill(_COUNTED.sub("", text), known.figures(), file, keep=True)
        except ProblemError as error:
            wrong += error.problems
        for row, line in enumerate(_FIELD.sub("…", text).split("\n"), start=1):
            found = plain_numbers.find(line, known.catalogue, allowed)
            typed += [
                Problem("number_untraced", file, row, found=n) for n in found.loc[found["reason"] == "", "number"]
            ]
    if wrong:
        raise ProblemError(wrong)
    return typed
