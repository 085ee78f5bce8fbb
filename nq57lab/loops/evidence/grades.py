"""How much of the graph the data support: a grade and its reason for every link.

Links of the catalogue and the comparators' series in, one row a link out. A link whose two nodes are measured is tested on Viet Nam and
twelve countries; all others keep what the document gives them. A grade is never a bare p-value: it needs the sign, the false-discovery
rate and stability when any one country is left out.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nq57lab.base import contract, kept
from nq57lab.base.messages import Reason, reason
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts import comparators
from nq57lab.loops.evidence import series
from nq57lab.loops.graph import EVERY, catalogue_links

if TYPE_CHECKING:
    from nq57lab.facts.catalogue import Catalogue
    from nq57lab.loops.evidence.panel_regression import Sample

FALSE_DISCOVERY = 0.10
GRANGER_YEARS = 25  # observations of one country below which no Granger test is made
EFFECTS = (0.0, 0.1, 0.2, 0.3)
HOME = "VNM"
COLUMNS = [
    *(
        "source",
        "target",
        "polarity",
        "lag",
        "basis",
        "grade",
        "reason",
        "tested",
        "estimate",
        "error",
        "raw",
        "p_value",
    ),
    *("q_value", "rows", "countries", "first_year", "last_year", "home_rows", "same_sign", "loo_low", "loo_high"),
    *("granger_tested", "granger_agree", "power_00", "power_01", "power_02", "power_03", "x_series", "y_series"),
]


@dataclass(frozen=True)
class Evidence:
    """The table of grades (:data:`COLUMNS`), one row a link, in the links' order."""

    table: pd.DataFrame

    @property
    def tested(self) -> pd.DataFrame:
        """The links that were tested."""
        return self.table[self.table["tested"]]


def of_project(catalogue: "Catalogue", *, power: bool = False) -> Evidence:
    """Grade the project's own links on the comparators' series."""
    frame = comparators.load(catalogue.root)
    links = catalogue_links(catalogue, EVERY)

    def make() -> dict[str, pd.DataFrame]:
        return {"tests": measure(links, catalogue.loop_nodes, frame, power=power)}

    inputs = (links, catalogue.loop_nodes, frame)
    tests = kept.tables(catalogue.root / "cache", "bang-chung-vong", inputs, make, f"power={power}")["tests"]
    return Evidence(judged(tests, links, catalogue.loop_nodes))


def grade(links: pd.DataFrame, nodes: pd.DataFrame, frame: pd.DataFrame, *, power: bool = False) -> Evidence:
    """Grade every link.

    Parameters
    ----------
    links : DataFrame
        As :func:`nq57lab.loops.graph.catalogue_links` gives them (source, target, polarity, delay, evidence, x_basis).
    nodes : DataFrame
        ``loop_nodes``: id, name_vi, kind, orientation, series.
    frame : DataFrame
        As :func:`nq57lab.facts.comparators.load` gives it.

    Returns
    -------
    Evidence
        ``estimate``: within-standard deviations of the target per one of the source, lagged by the link's delay in years; NaN where
        not tested. ``same_sign``: share of leave-one-country-out estimates with the estimate's sign. ``power_02``: the chance of finding a
        true effect of 0.2 SD on series of the same length, at the level that the rule demands of a lone discovery, 0.10 ÷ number
        of tests (``power_00``: of a false alarm).

    Notes
    -----
    supported: the link's sign, q ≤ 0.10 (Benjamini–Hochberg over all tested links) and the same sign without any one country;
    contradicted: the same with the opposite sign; weak: tested, and neither. Not tested: "stated" for what a document states,
    "not_testable" for implied and added links; an analyst's own mark stands before both. An open sign is tested against none.

    References
    ----------
    Benjamini, Y., Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical Society B 57(1),
    289–300. Granger, C. (1969). Investigating causal relations by econometric models. Econometrica 37(3), 424–438.
    """
    return Evidence(judged(measure(links, nodes, frame, power=power), links, nodes))


def measure(links: pd.DataFrame, nodes: pd.DataFrame, frame: pd.DataFrame, *, power: bool = False) -> pd.DataFrame:
    """Return the figures of :func:`grade`, :data:`COLUMNS` without grade and reason; a link that cannot be tested has none."""
    info = nodes.set_index("id")
    _check_series(info, frame)
    rows = [_row(link, info, frame) for link in links.to_dict("records")]
    if power:
        _add_power(rows)
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if name not in ("grade", "reason")])
    tested = table["tested"].to_numpy(dtype=bool)
    table.loc[tested, "q_value"] = benjamini_hochberg(table.loc[tested, "p_value"].to_numpy(dtype=float))
    return table


def judged(tests: pd.DataFrame, links: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """Put grade and reason beside the figures of :func:`measure`; an analyst's own mark stands before both."""
    info, marks = nodes.set_index("id"), links["x_mark"].tolist()
    verdicts = [
        (mark, reason("evidence_marked")) if mark else _verdict(row) if row["tested"] else _untested(row, info)
        for row, mark in zip(tests.to_dict("records"), marks, strict=True)
    ]
    said = {"grade": [first for first, _ in verdicts], "reason": [second for _, second in verdicts]}
    return tests.assign(**said)[COLUMNS]


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """Return the q-values: the smallest false-discovery rate at which each test would be a discovery.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    from scipy.stats import false_discovery_control

    return false_discovery_control(p_values, method="bh") if len(p_values) else p_values


def _check_series(info: pd.DataFrame, frame: pd.DataFrame) -> None:
    known = set(frame["indicator_key"]) | set(series.DERIVED)
    wrong = [key for key in info["series"] if key and key not in known]
    if wrong:
        raise ProblemError([Problem("unknown_series", "loop_nodes.csv", column="series", found=key) for key in wrong])


def _row(link: dict, info: pd.DataFrame, frame: pd.DataFrame) -> dict:
    from nq57lab.loops.evidence import panel_regression as regression

    source, target, lag = link["source"], link["target"], int(link["delay"])
    keys = [str(info.at[node, "series"]) for node in (source, target)]
    basis = link["x_basis"]
    row = dict.fromkeys(COLUMNS, np.nan) | {
        "source": source,
        "target": target,
        "polarity": link["polarity"],
        "lag": lag,
    }
    row |= {"basis": basis, "tested": False, "x_series": keys[0], "y_series": keys[1]}
    if info.at[source, "kind"] == "lever" or not all(keys) or tuple(keys) in series.IDENTITIES:
        return row
    sign = info["orientation"].astype(int).reindex([source, target]).tolist()
    x, y = series.of_key(frame, keys[0]) * sign[0], series.of_key(frame, keys[1]) * sign[1]
    sample = regression.align(x, y, lag)
    row |= {"rows": sample.size, "countries": len(sample.names)}
    if sample.size < regression.MIN_ROWS or len(sample.names) < regression.MIN_COUNTRIES:
        return row
    found = regression.fit(sample)
    alone = regression.leave_one_out(sample)
    long, agree = granger(sample, 1 if link["polarity"] == "1" else -1 if link["polarity"] == "-1" else 0)
    row |= {
        "tested": True,
        "estimate": found.estimate,
        "error": found.error,
        "raw": found.raw,
        "p_value": found.p_value,
        "first_year": int(sample.year.min()),
        "last_year": int(sample.year.max()),
        "home_rows": int((sample.country == sample.names.index(HOME)).sum()) if HOME in sample.names else 0,
        "same_sign": float((np.sign(alone) == np.sign(found.estimate)).mean()),
        "loo_low": float(alone.min()),
        "loo_high": float(alone.max()),
        "granger_tested": long,
        "granger_agree": agree,
        "sample": sample,
    }
    return row


def _add_power(rows: list[dict]) -> None:
    """Add the power of each tested link, at the level that a discovery needs when no other link is one: 0.10 ÷ tests."""
    from threadpoolctl import threadpool_limits

    from nq57lab.loops.evidence import panel_regression as regression

    tested = [row for row in rows if row["tested"]]
    with threadpool_limits(1):
        for row in tested:
            chances = regression.power(row["sample"], EFFECTS, FALSE_DISCOVERY / len(tested))
            row |= {f"power_{round(10 * effect):02d}": chance for effect, chance in chances.items()}


def _untested(row: dict, info: pd.DataFrame) -> tuple[str, Reason]:
    """Return the grade of a link that was not tested, and why it was not."""
    grade_, keys = "stated" if row["basis"] == "stated" else "not_testable", (row["x_series"], row["y_series"])
    blank = [info.at[row[end], "name_vi"] for end, key in zip(("source", "target"), keys, strict=True) if not key]
    if info.at[row["source"], "kind"] == "lever":
        return grade_, reason("evidence_lever")
    if blank:
        return grade_, reason("evidence_no_series", names="; ".join(blank))
    if keys in series.IDENTITIES:
        return grade_, Reason(series.IDENTITIES[keys])
    return grade_, reason("evidence_few", count=int(row["rows"]), countries=int(row["countries"]))


def _verdict(row: dict) -> tuple[str, Reason]:
    """Return the grade of a tested link and its reason."""
    found, stable = row["q_value"] <= FALSE_DISCOVERY, row["same_sign"] == 1.0
    facts = reason(
        "evidence_facts",
        estimate=round(float(row["estimate"]), 2),
        q=round(float(row["q_value"]), 2),
        **{"count": int(row["rows"]), "countries": int(row["countries"]), "home": int(row["home_rows"])},
    )
    if row["polarity"] == "?":
        return "weak", reason("evidence_open", facts=facts)
    agrees = np.sign(row["estimate"]) == int(row["polarity"])
    if found and stable:
        grade_ = "supported" if agrees else "contradicted"
        return grade_, Reason(f"evidence_{grade_}", (("facts", facts),))
    why = f"evidence_{'unstable' if found else 'weak'}_{'same' if agrees else 'opposite'}"
    return "weak", Reason(why, (("facts", facts),))


def granger(sample: "Sample", polarity: int) -> tuple[int, int]:
    """Return in how many countries a Granger test can be made, and in how many it finds the link with its sign at 5%.

    Notes
    -----
    One country at a time: yₜ on yₜ₋₁ with and without xₜ₋ₗ; F(1, N − 3), the square of t. Only with at least 25 observations; by chance alone one
    country in twenty is found, in half of them with this sign.
    """
    from statsmodels.regression.linear_model import OLS

    tested = agree = 0
    for place in range(len(sample.names)):
        at = sample.country == place
        count = int(at.sum())
        if count < GRANGER_YEARS:
            continue
        tested += 1
        found = OLS(sample.y[at], np.column_stack([sample.x[at], sample.before[at], np.ones(count)])).fit()
        agree += found.pvalues[0] < 0.05 and np.sign(found.params[0]) == polarity
    return tested, int(agree)


def grades_in_words() -> dict[str, str]:
    """Return the grades' names for reports."""
    words = ("số liệu trái ngược", "không kiểm định được", "văn bản nêu", "số liệu yếu", "số liệu ủng hộ")
    return dict(zip(contract.EVIDENCE, words, strict=True))
