"""Where each printed number comes from, in words: for the page, which shows it on click or focus, and for the annex in print.

The rows of a trace in; one label a number out.
"""

from collections.abc import Callable

from nq57lab.base import wording
from nq57lab.facts import illustrative


def labels(trace: list[dict], names_of: Callable[[str], str]) -> list[dict[str, str]]:
    """Return, for each number of a trace, its provenance in words.

    Parameters
    ----------
    trace : list of dict
        The rows of an edition's trace.
    names_of : callable
        A source's code in, its name out.

    Returns
    -------
    list of dict
        id, so (as printed), cach (how it was obtained), ky (period), tinh_trang (status), cong_bo (vintage), nguon (sources),
        dong (rows); texts only, empty where there is nothing to say.
    """
    names = {"": ""}
    result = []
    for entry in trace:
        sources = [part for part in str(entry["source"]).split("; ") if part]
        for source in sources:
            if source not in names:
                names[source] = names_of(source)
        rows = str(entry["rows"])
        if not sources and rows.startswith(illustrative.ROW_PREFIX):
            sources = [illustrative.SOURCE]
            names[illustrative.SOURCE] = illustrative.NAME_VI
        result.append(
            {
                "id": entry["id"],
                "so": entry["printed"],
                "cach": entry["formula"] or "theo nguồn",
                "ky": wording.period(entry["period"]) if entry["period"] else "",
                "tinh_trang": wording.STATUS_WORDS.get(entry["status"], ""),
                "cong_bo": wording.stamp(entry["vintage"]) if entry["vintage"] else "",
                "nguon": "; ".join(names[source] for source in sources),
                "dong": _short(rows),
            }
        )
    return result


def _short(rows: str, limit: int = 4) -> str:
    parts = [part for part in rows.split("; ") if part]
    more = f"; và {len(parts) - limit} dòng khác" if len(parts) > limit else ""
    return "; ".join(parts[:limit]) + more
