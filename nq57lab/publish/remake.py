"""A past edition made again: its parameters and its snapshot in, the same figures out, or the list of those that differ.

The snapshot is completed to what today's contract reads (a table that did not exist then is empty), and the edition's notebook runs on
it with the dates of its manifest.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from nq57lab.base import whole
from nq57lab.publish import compare, execute, places, verify
from nq57lab.publish.batch import run

COLUMNS = ["document", "id", "place", "before", "after"]
SETTINGS = ("_quarto.yml", "_language.yml")
FOLDERS = ("notebooks", "params", "reports/_filters", "reports/_templates", "reports/assets", "reports/sections")


@contextmanager
def past_project(root: Path, folder: Path) -> Iterator[Path]:
    """Give a project whose data is an edition's snapshot, with today's notebooks and templates; it goes when done."""
    with whole.work() as work:
        past = work / "du-an"
        compare.complete(folder / "snapshot", past / "data")
        for name in (
            "comparators",
            "panels",
        ):  # no part of a snapshot: what is read of them goes by the day of its publication
            if (root / "data" / name).is_dir():
                shutil.copytree(root / "data" / name, past / "data" / name, dirs_exist_ok=True)
        for part in FOLDERS:
            if (root / part).is_dir():
                shutil.copytree(
                    root / part, past / part, ignore=shutil.ignore_patterns("kernel-ipc*")
                )  # sockets of running kernels
        for file in SETTINGS:
            shutil.copyfile(root / file, past / file)
        yield past


def figures(root: Path, folder: Path) -> pd.DataFrame:
    """Compute an edition's figures again from its snapshot and compare them with its trace.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`: the numbers that differ; empty when all are identical.
    """
    found = []
    with past_project(root, folder) as past:
        for name, place, parameters in verify.parts(folder):
            then = pd.read_csv(place / "trace.csv", dtype=str, keep_default_na=False)
            now = verify.rerun(past, parameters)
            keys = ["place", "nth"]
            tables = [table.assign(nth=table.groupby("place").cumcount()) for table in (then, now)]
            both = tables[0].merge(tables[1], on=keys, how="outer", suffixes=("", "_new")).fillna("")
            apart = both[(both["printed"] != both["printed_new"]) | (both["recomputed"] != both["recomputed_new"])]
            found += [[name, row.id, row.place, row.printed, row.printed_new] for row in apart.itertuples()]
    return pd.DataFrame(found, columns=COLUMNS)


def make(root: Path, folder: Path, formats: list[str] | None = None) -> Path:
    """Make an edition's documents again beside it, in ``reports/<edition>-lap-lai``, by the renderer of its manifest; return that folder."""
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    renderer = content["renderer"].split()[0]
    target = folder.with_name(folder.name + "-lap-lai")
    with past_project(root, folder) as past:
        if "items" in content:
            everything = [content["parameters"] | {"area": item["area"]} for item in content["items"].values()]
            made, _ = run.run(past, everything, workers=1, renderer=renderer, formats=formats)
        else:
            made = execute.run(past, content["parameters"], renderer=renderer, formats=formats, in_process=True)
        with places.claimed(root, target.name):
            work = places.aside(target)
            try:
                shutil.copytree(made, work, dirs_exist_ok=True)
                places.replace(work, target)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    return target
