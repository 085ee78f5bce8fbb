"""The doctor: what is installed, which renderer is in use, whether the data is in order."""

import shutil
import sys
from importlib import metadata
from pathlib import Path

from nq57lab.facts.commands import told
from nq57lab.publish import quarto

NEEDED = (
    "fontpkg-be-vietnam-pro",
    "fontpkg-source-serif-4",
    "pandas",
    "papermill",
    "altair",
    "vl-convert-python",
    "pypandoc_binary",
    "typst",
    "python-docx",
    "python-pptx",
    "jupyterlab",
)
OPTIONAL = {"playwright": "doctor_browser_use"}  # package → what it is for


def examine(root: Path) -> tuple[list[str], bool]:
    """Return the findings as lines, and whether reports can be made.

    Parameters
    ----------
    root : Path
        The project's root.
    """
    lines, fine = [f"Python {sys.version.split()[0]} ({sys.executable})", told("doctor_project", path=root)], True
    for package in NEEDED:
        try:
            lines.append(f"  {package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            fine = False
            lines.append(told("doctor_needed", package=package))
    for package, use in OPTIONAL.items():
        try:
            lines.append(f"  {package} {metadata.version(package)} ({told(use)})")
        except metadata.PackageNotFoundError:
            lines.append(told("doctor_left_out", package=package, use=told(use)))
    program, shown = quarto.found()
    if program:
        lines.append(told("doctor_quarto", version=shown, path=program))
    else:
        least = ".".join(map(str, quarto.MINIMUM))
        lines.append(told("doctor_embedded", least=least, found=shown or told("none")))
    if fine:
        import pypandoc

        lines.append(f"  pandoc {pypandoc.get_pandoc_version()}")
        from nq57lab.base.problems import ProblemError
        from nq57lab.facts import catalogue, observations

        try:
            found = catalogue.load(root / "data")
            rows = observations.load(found)
            lines.append(told("doctor_data", indicators=len(found.indicators), rows=len(rows)))
        except ProblemError as error:
            fine = False
            lines.append(told("doctor_data_wrong", count=len(error.problems)))
    chromium = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    for folder in (root / "data" / "cache", root / "data" / "observations", root / "reports"):
        if not _writable(folder):
            fine = False
            lines.append(told("doctor_not_writable", path=folder))
    lines.append(told("doctor_browser", path=chromium) if chromium else told("doctor_no_browser"))
    lines.append(told("doctor_fine" if fine else "doctor_not_fine"))
    return lines, fine


def _writable(folder: Path) -> bool:
    """Tell whether a file can be written in a folder, by writing one."""
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"nq57" * 1024)
            file.flush()
    except OSError:
        return False
    return True
