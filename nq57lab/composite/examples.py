"""The example indices of ``data/examples``: a published table made into iData, and a provincial example on generated figures.

A folder holds iMeta.csv, a configuration and, for a published index, columns.csv (which of the table's columns is which of iData's). The
provincial example has no table: its figures are generated here and say "dữ liệu minh họa" in every output.
"""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from nq57lab.base import whole
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory.files import write_csv
from nq57lab.facts.catalogue import Catalogue

GENERATED = "provinces"
NOTE = "dữ liệu minh họa"
SEED = 57
# What each figure is drawn from: kind, centre and spread of its latent scale, how far the province's own level moves it.
_DRAWN = {
    "PHU5G": ("share", 0.9, 0.6, 0.8),
    "CAPQUANG": ("share", 1.1, 0.5, 0.6),
    "VONHT": ("amount", 9.0, 0.7, 0.6),
    "KYNANG": ("share", 0.0, 0.5, 0.7),
    "RD": ("amount", 0.2, 0.9, 0.9),
    "DAOTAO": ("share", 0.6, 0.7, 0.3),
    "DNSO": ("amount", -1.2, 0.8, 1.0),
    "SANGCHE": ("amount", -3.5, 1.1, 1.0),
    "GIAINGAN": ("share", -0.4, 0.7, 0.2),
    "TRUCTUYEN": ("share", 0.7, 0.6, 0.5),
    "THANHTOAN": ("share", 0.2, 0.6, 0.5),
    "THOIGIAN": ("days", 2.0, 0.4, -0.4),
}
MISSING = 0.03


def names(folder: Path) -> list[str]:
    """Return the names of the examples in a folder."""
    return sorted(path.parent.name for path in folder.glob("*/iMeta.csv"))


def published(
    folder: Path, table: pd.DataFrame, years: tuple[str, str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make iData and iMeta from a published table.

    Parameters
    ----------
    table : DataFrame
        With the columns that columns.csv names; one row a unit and year. Rows whose ``keep`` column is not true are left out.
    years : tuple of str, optional
        First and last year kept.

    Returns
    -------
    data, meta : DataFrame
        Indicators that have no value in these years are left out of both (an index may drop a component).

    Raises
    ------
    ProblemError
        If the table lacks columns, or no row is left.
    """
    wanted = pd.read_csv(folder / "columns.csv")
    lacking = [name for name in wanted["column"] if name not in table.columns]
    if lacking:
        raise ProblemError(
            [Problem("missing_column", folder.name, 1, name, details={"column": name}) for name in lacking]
        )
    keep = wanted.loc[wanted["iData"] == "keep", "column"]
    rows = table
    for column in keep:
        rows = rows[rows[column].astype(str).str.lower() == "true"]
    pairs = wanted[wanted["iData"] != "keep"]
    data = pd.DataFrame({own: rows[column] for column, own in zip(pairs["column"], pairs["iData"], strict=True)})
    if years and "Time" in data:
        data = data[data["Time"].astype(str).between(*years)]
    meta = pd.read_csv(folder / "iMeta.csv", dtype=str, keep_default_na=False)
    codes = meta.loc[meta["Type"] == "Indicator", "iCode"]
    data = data.dropna(subset=list(codes), how="all").reset_index(drop=True)
    if data.empty:
        raise ProblemError([Problem("empty", folder.name)])
    gone = [code for code in codes if data[code].isna().all()]
    return data.drop(columns=gone), meta[~meta["iCode"].isin(gone)].reset_index(drop=True)


def provincial(catalogue: Catalogue) -> pd.DataFrame:
    """Generate the figures of the provincial example.

    Returns
    -------
    DataFrame
        iData of the 34 provinces: uCode, uName, VUNG, DANSO, the indicators of ``data/examples/provinces/iMeta.csv``, and ``x_note`` =
        :data:`NOTE`. No figure is an observation; the provinces' names are real, nothing else is.

    Notes
    -----
    Each province has a level of its own, drawn from a normal distribution; a share is 100 · logistic, an amount per 1,000 people and a
    time are exponentials of centre + level · loading + noise. A few cells are missing.
    """
    areas = catalogue.areas[catalogue.areas["id"].str.startswith("34:")].sort_values("order", kind="stable")
    random = np.random.default_rng(SEED)
    n = len(areas)
    level, people = random.normal(size=n), np.exp(random.normal(7.6, 0.45, n)).round()
    data = pd.DataFrame({"uCode": areas["id"].to_numpy(), "uName": areas["name_vi"].to_numpy()})
    thirds = np.arange(n) * 3 // n  # of the official order, no real regions
    data["VUNG"], data["DANSO"] = np.array(["bắc", "trung", "nam"])[thirds], people
    for code, (kind, centre, spread, loading) in _DRAWN.items():
        latent = centre + loading * level * 0.8 + spread * random.normal(size=n)
        if kind == "share":
            values = (100 / (1 + np.exp(-latent))).round(1)
        elif kind == "days":
            values = np.exp(latent).round(1)
        else:
            values = (np.exp(latent) * people).round(0)
        data[code] = np.where(random.random(n) < MISSING, np.nan, values)
    return data.assign(x_note=NOTE)


def configuration(folder: Path, data: pd.DataFrame) -> str:
    """Return the name of the configuration that fits the data: of several named by year the newest not after the first year."""
    named = sorted(path.name for path in folder.glob("index*.yml"))
    first = str(data["Time"].astype(str).min()) if "Time" in data else ""
    fitting = [name for name in named if name[6:10] <= first] if len(named) > 1 else named
    return (fitting or named)[-1]


def write(folder: Path, data: pd.DataFrame, meta: pd.DataFrame, output: Path) -> list[Path]:
    """Write iData.csv, iMeta.csv and the example's configurations with their files of weights; return the paths."""
    copied = [path for path in sorted(folder.glob("*")) if path.suffix == ".yml" or path.stem.startswith("weights")]
    with whole.folder(output) as aside:
        write_csv(data, aside / "iData.csv")
        whole.write(aside / "iMeta.csv", meta.to_csv(index=False, lineterminator="\n"))
        for path in copied:
            shutil.copyfile(path, aside / path.name)
    return [output / name for name in ("iData.csv", "iMeta.csv", *(path.name for path in copied))]
