"""Answers to alerts: the sheet of an edition in which officials say what is done about each strategic one.

Alerts of a day in; ``reports/sections/<edition>/canh-bao.csv`` out, with what was answered before.
"""

from pathlib import Path

import pandas as pd

from nq57lab.alerts.rules import KEY
from nq57lab.base import whole

FILE = "canh-bao.csv"
WRITTEN = ("answer", "by", "on")
COLUMNS = (*KEY, "name", "since", *WRITTEN)


def _place(root: Path, edition: str) -> Path:
    return root / "reports" / "sections" / edition / FILE


def given(root: Path, edition: str) -> pd.DataFrame:
    """Return the answers to alerts that an edition's officials wrote; an empty table where there are none."""
    path = _place(root, edition)
    if not path.is_file():
        return pd.DataFrame(columns=list(COLUMNS), dtype=str)
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", sep=None, engine="python")
    return table.reindex(columns=list(COLUMNS), fill_value="").fillna("")


def asked(alerts: pd.DataFrame) -> pd.DataFrame:
    """Return the alerts that want an answer: the strategic ones that stand."""
    return alerts[(alerts["severity"] == "strategic") & (alerts["state"] != "cleared")]


def write(root: Path, edition: str, alerts: pd.DataFrame) -> tuple[Path, int]:
    """Write the sheet in which the alerts of a day are answered; what was answered before stays. Return its path and its open rows."""
    path, before = _place(root, edition), given(root, edition).set_index(list(KEY))
    own = asked(alerts).astype(dict.fromkeys(KEY, str))
    table = own.assign(name=own["subject_name"] + ": " + own["name"])[[*KEY, "name", "since"]]
    table = table.join(before[list(WRITTEN)], on=list(KEY)).fillna("")
    whole.write(path, "\ufeff" + table.to_csv(index=False, lineterminator="\n"))
    return path, int((table["answer"].str.strip() == "").sum())
