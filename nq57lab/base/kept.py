"""Results that take seconds, kept in ``data/cache/`` under the content of all they are made from.

A name, the tables read and a function in; the function's tables out, from disk where code, packages and tables are the same. What is kept can
always be made again: a folder without the right to write, or a broken file, only costs the time.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import metadata
from pathlib import Path

import pandas as pd

from nq57lab.base import whole

PACKAGES = ("numpy", "pandas", "scipy", "scikit-learn", "statsmodels", "networkx")
MOST = 40  # results kept of one name; the oldest go


@cache
def code() -> str:
    """Return the digest of this package's own code and data, and of the packages that compute."""
    package = Path(__file__).resolve().parents[1]
    total = hashlib.sha256()
    for path in sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        total.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    for name in PACKAGES:
        total.update(f"{name}={metadata.version(name)};".encode())
    return total.hexdigest()


@contextmanager
def checked(folder: Path, name: str, files: Iterable[Path]) -> Iterator[bool]:
    """Say whether the files have yet to be checked, and remember it when the block ends without an error.

    Remembered is their content together with the code that checks it; what is remembered is never the files' own.
    """
    total = hashlib.sha256(code().encode())
    for path in files:
        total.update(f"{path.name}|{path.stat().st_size}|".encode() + path.read_bytes())
    place = folder / name / total.hexdigest()[:32]
    before = False
    with suppress(OSError):
        before = place.exists()
    yield not before
    if before:
        return
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
        _sweep(place)


def tables(
    folder: Path, name: str, inputs: Iterable[pd.DataFrame], make: Callable[[], dict[str, pd.DataFrame]], told: str = ""
) -> dict[str, pd.DataFrame]:
    """Return tables by name, from the folder where they were kept, else made and kept.

    Parameters
    ----------
    inputs : iterable of DataFrame
        Every table that the result rests on.
    make : callable
        Computes the tables; their indexes are not kept.
    told : str
        Arguments that are no tables.
    """
    total = hashlib.sha256(f"{code()}|{told}".encode())
    for frame in inputs:
        total.update(f"{list(frame.columns)}{len(frame)}".encode())
        total.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    place = folder / name / total.hexdigest()[:32]
    with suppress(OSError, ValueError):
        if found := {path.stem: pd.read_parquet(path) for path in sorted(place.iterdir())}:
            return found
    made = make()
    with suppress(OSError, ValueError):
        _keep(place, made)
    return made


def _keep(place: Path, made: dict[str, pd.DataFrame]) -> None:
    """Write tables beside their place, then give them its name at once; the oldest results of the same name go."""
    with whole.file(place) as aside:
        aside.mkdir()
        for name, frame in made.items():
            frame.to_parquet(aside / f"{name}.parquet", index=False)
        shutil.rmtree(place, ignore_errors=True)
    _sweep(place)


def _sweep(place: Path) -> None:
    """Take away the oldest of what is kept beside a place, where there is too much."""
    others = sorted((path for path in place.parent.iterdir() if path != place), key=lambda path: path.stat().st_mtime)
    for path in others[: max(0, len(others) - MOST + 1)]:
        path.unlink() if path.is_file() else shutil.rmtree(path, ignore_errors=True)
