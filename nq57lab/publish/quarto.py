"""The real Quarto on this machine: its version, its command line, and what it says when it fails."""

import functools
import re
import shutil
import subprocess
from pathlib import Path

FORMATS = {"html": "html", "pdf": "typst", "docx": "docx"}
# Typst in older releases does not read variable fonts: the printed page would lose all its bold without a word.
MINIMUM = (1, 10)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FILTER_SAYS = re.compile(r"_filters/\S+\.lua:\d+:|^\S*\.lua:\d+:")


@functools.cache
def version(program: str) -> tuple[int, ...]:
    """Return the version of a Quarto program; empty when it does not say."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.match(r"\d+(?:\.\d+)*", done.stdout.strip())
    return tuple(int(part) for part in found[0].split(".")) if found else ()


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
    """Return what an engine says: without colours, the lines of our filters where they speak, else the last ones.

    >>> complaint("stack\\n\\x1b[31mreports/_filters/so.lua:3: Tham chiếu sai\\x1b[39m\\nstack traceback")
    'reports/_filters/so.lua:3: Tham chiếu sai'
    """
    lines = _COLOUR.sub("", text).strip().splitlines()
    ours = list(dict.fromkeys(line.strip() for line in lines if _FILTER_SAYS.search(line)))
    return "\n".join(ours or lines[-most:])
