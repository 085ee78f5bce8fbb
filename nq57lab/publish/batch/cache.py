"""Finished documents kept by key: what was built once is not built again, and what is damaged is built anew.

A key in, a folder of files out. An entry appears in one step (a folder renamed into place) and carries the SHA-256 of each of
its files; an entry whose files do not match is removed as if it had never been.
"""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

SEAL = "kiem.json"
KEPT = 2  # entries kept for one document: the newest ones


def digest(path: Path) -> str:
    """Return a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Cache:
    """Entries under one folder, ``<folder>/<document>/<key>/``."""

    def __init__(self, folder: Path):
        self.folder = folder

    def place(self, document: str, key: str) -> Path:
        """Return where an entry stands, whether or not it exists."""
        return self.folder / document / key

    def find(self, document: str, key: str) -> Path | None:
        """Return a whole entry, or None; a damaged one is removed."""
        entry = self.place(document, key)
        if not entry.is_dir():
            return None
        try:
            sealed = json.loads((entry / SEAL).read_text(encoding="utf-8"))
            present = {path.relative_to(entry).as_posix() for path in entry.rglob("*") if path.is_file()} - {SEAL}
            if present == set(sealed) and all(digest(entry / name) == value for name, value in sealed.items()):
                return entry
        except (OSError, ValueError, TypeError, AttributeError):
            pass
        shutil.rmtree(entry, ignore_errors=True)
        return None

    def workshop(self, document: str) -> Path:
        """Return a new folder in which an entry is made; it is no entry until :meth:`keep`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{document}-", dir=self.folder))

    def keep(self, made: Path, document: str, key: str) -> Path:
        """Seal a finished folder and put it in its place; older entries of the document go."""
        files = sorted(path for path in made.rglob("*") if path.is_file())
        sealed = {path.relative_to(made).as_posix(): digest(path) for path in files}
        (made / SEAL).write_text(json.dumps(sealed, indent=1) + "\n", encoding="utf-8")
        entry = self.place(document, key)
        entry.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(entry, ignore_errors=True)
        made.chmod(0o755)
        made.rename(entry)
        old = sorted((path for path in entry.parent.iterdir() if path != entry), key=lambda path: path.stat().st_mtime)
        for path in old[: max(0, len(old) - KEPT + 1)]:
            shutil.rmtree(path, ignore_errors=True)
        return entry

    def sweep(self) -> None:
        """Remove what killed runs left half made."""
        for path in self.folder.glob(".*-*") if self.folder.is_dir() else ():
            shutil.rmtree(path, ignore_errors=True)
