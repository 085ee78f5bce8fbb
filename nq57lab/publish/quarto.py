"""The real Quarto on this machine: its version and engines, its command line, and what it says when it fails."""

import functools
import itertools
import re
import shutil
import subprocess
from pathlib import Path

FORMATS = {"html": "html", "pdf": "typst", "docx": "docx"}
# Typst in older releases does not read variable fonts: the printed page would lose all its bold without a word.
MINIMUM = (1, 10)
PASS = {"NQ57_QUARTO": "1"}  # lets a run of ours through the gate of the project (reports/_filters/cong.lua)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_REFUSED = re.compile(r"Từ chối dựng: .*")
_ERROR = re.compile(r"^(?:ERROR|FATAL|Error|pandoc:)(?!\w)(?!:?\s*(?:Error)?\s*$)")
_AFTER = re.compile(r"^(?:at |stack traceback|stack trace|CallStack|WARN|ERROR|FATAL|\d+: )", re.IGNORECASE)
_ENGINES = {"pandoc": ["pandoc", "--version"], "typst": ["typst", "--version"]}
_VERSION = re.compile(r"\d+(?:\.\d+)+")


@functools.cache
def version(program: str) -> tuple[int, ...]:
    """Return the version of a Quarto program; empty when it does not say."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.match(r"\d+(?:\.\d+)*", done.stdout.strip())
    return tuple(int(part) for part in found[0].split(".")) if found else ()


@functools.cache
def engines(program: str) -> dict[str, str]:
    """Return the versions of the pandoc and the Typst that a Quarto program brings; "" for one that does not say."""
    result = {}
    for name, call in _ENGINES.items():
        done = subprocess.run([program, *call], capture_output=True, encoding="utf-8", check=False, timeout=60)
        said = _VERSION.search(done.stdout or done.stderr)  # Quarto passes Typst's words to its standard error
        result[name] = said[0] if said and not done.returncode else ""
    return result


def found() -> tuple[str | None, str]:
    """Return the Quarto on PATH that may be used (None where there is none) and its version; where there is none, nothing."""
    program = shutil.which("quarto")
    if program is None:
        return None, ""
    known = version(program)
    shown = ".".join(map(str, known)) or "?"
    return (program, shown) if known >= MINIMUM else (None, f"Quarto {shown}")


def command(notebook: Path, fmt: str, *, output: str, metadata_file: Path) -> list[str]:
    """Give the Quarto command line that renders one format.

    Parameters
    ----------
    notebook, metadata_file : Path
        Files in the project folder; the metadata are YAML or JSON.
    fmt : {"html", "pdf", "docx"}
        PDF goes through Quarto's ``typst`` format.
    output : str
        Name of the file made beside the notebook.
    """
    options = ["--output", output, "--metadata-file", str(metadata_file), "--no-execute"]
    return ["quarto", "render", str(notebook), "--to", FORMATS[fmt], *options]


def complaint(text: str, most: int = 12) -> str:
    """Return what an engine says, without colours: the refusal of our filters, else the first error with the lines that explain it, else the last lines.

    >>> complaint("Error running filter bang.lua:\\nTừ chối dựng: bảng thiếu cột\\nstack traceback:\\nERROR: Error")
    'Từ chối dựng: bảng thiếu cột'
    >>> complaint("\\x1b[31mERROR: YAMLException: bad indentation\\x1b[39m\\n    at loadError\\nERROR: Error")
    'ERROR: YAMLException: bad indentation'
    >>> complaint("title: x\\nError running filter main.lua:\\nso.lua:1: attempt to call a nil value\\nstack traceback:")
    'Error running filter main.lua:\\nso.lua:1: attempt to call a nil value'
    """
    lines = [line for line in map(str.strip, _COLOUR.sub("", text).splitlines()) if line]
    refused = list(dict.fromkeys(found[0] for line in lines if (found := _REFUSED.search(line))))
    first = next((number for number, line in enumerate(lines) if _ERROR.match(line)), None)
    if refused or first is None:
        return "\n".join(refused or lines[-most:])
    explained = itertools.takewhile(lambda line: not _AFTER.match(line), lines[first + 1 : first + 3])
    return "\n".join([lines[first], *explained])
