"""The chart of Viet Nam among the comparators: an edition in, a drawing and its words out."""

import pandas as pd

from nq57lab.base import wording
from nq57lab.comparators import charts, comparisons, pages
from nq57lab.documents.edition import Edition, MissingFigure, words
from nq57lab.facts import comparators


def comparator_dots(edition: Edition):
    """Return the dot plot of Viet Nam among the comparators on the macro KPIs' international series."""
    series, mapping = pages.mapped(edition)
    return _dots(edition, series, mapping[mapping["macro"] != ""])


def dots_of(chosen: pd.DataFrame):
    """Return the builder of the dot plot on some keys of the mapping (:func:`nq57lab.comparators.pages.mapped`)."""
    return lambda edition: _dots(edition, pages.mapped(edition)[0], chosen)


def _dots(edition: Edition, series: pd.DataFrame, chosen: pd.DataFrame):
    frame, top = [], []
    for entry in chosen.itertuples():
        levels = comparisons.latest(series, entry.key)
        if len(levels) < 3 or comparisons.HOME not in levels.index:
            continue
        value = levels["value"] * entry.direction
        place = 100 * (value - value.min()) / (value.max() - value.min())
        first = str(value.idxmax())
        leader = comparators.COUNTRIES[first]
        position = int(value.rank(ascending=False, method="min")[comparisons.HOME])
        top.append(position <= len(levels) / 2)
        shown = _comparator_label(edition, series, entry, levels.loc[comparisons.HOME], position, len(levels))
        for iso3, spot in place.items():
            home = iso3 == comparisons.HOME
            frame.append(
                {
                    "name": entry.short_vi,
                    "country": comparators.COUNTRIES[str(iso3)],
                    "home": home,
                    "place": spot,
                    "label": shown if home else wording.number(float(levels.at[iso3, "value"]), 1),
                    "best": _leader(edition, series, entry, levels.loc[first], leader) if home else "",
                    "best_short": leader if home else "",
                    "standing": (position - 1) / (len(levels) - 1),
                }
            )
    if not frame:
        raise MissingFigure("comparators")
    data = pd.DataFrame(frame).sort_values("standing", kind="stable", ignore_index=True)
    data["short"] = data["label"].str.replace(r" \(năm \d+\)", "", regex=True)
    title = f"Việt Nam ở nửa trên của nhóm so sánh trong {wording.number(sum(top))} trên {wording.number(len(top))} chỉ tiêu"
    others = wording.join([name for iso3, name in comparators.COUNTRIES.items() if iso3 != comparisons.HOME])
    subtitle = f"Mỗi dòng từ nước cuối đến nước đầu nhóm, năm mới nhất của Việt Nam (nước khác có thể sớm hơn tối đa hai năm). Xanh: Việt Nam; xám: {others}"
    home = data[data["home"]]
    alt = "Biểu đồ điểm: " + "; ".join(f"{r.name}: {r.label}" for r in home.itertuples(index=False)) + f". {title}."
    return (lambda size: charts.comparator_dots(data, size=size)), words(
        title, subtitle, f"Việt Nam và {wording.numeral(data['country'].nunique() - 1)} nước so sánh", alt
    )


def _comparator_label(
    edition: Edition, series: pd.DataFrame, entry, level: pd.Series, position: int, whole: int
) -> str:
    """Write Viet Nam's value, year and position on a comparator series."""
    value = _written(edition, series, entry, level, comparisons.HOME)
    return f"{value} (năm {int(level['year'])}), thứ {position}/{whole}"


def _leader(edition: Edition, series: pd.DataFrame, entry, level: pd.Series, name: str) -> str:
    """Write the first country and its value."""
    iso3 = next(code for code, told in comparators.COUNTRIES.items() if told == name)
    return f"{name} {_written(edition, series, entry, level, iso3)}"


def _written(edition: Edition, series: pd.DataFrame, entry, level: pd.Series, iso3: str) -> str:
    """Write a country's value on a comparator series."""
    own = (series["indicator_key"] == entry.key) & (series["iso3"] == iso3) & (series["year"] == level["year"])
    decimals = 3 if abs(level["value"]) < 1 else 1 if abs(level["value"]) < 1000 else 0
    year, unit = str(int(level["year"])), entry.unit_vi if entry.unit_vi == "%" else ""
    source, row = series[own]["source"].iloc[0], (f"series.parquet:{entry.key}:{iso3}:{year}",)
    return edition.computed(level["value"], source, row, unit=unit, decimals=decimals, period=year, markup=False)
