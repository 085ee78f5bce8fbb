"""The files beside a subject's page: its figures as CSV and JSON, its chart as SVG and PNG, at the page's own address.

A desk and a page in; files written. The rows are those that the site's audience may read, without the columns that stay inside.
"""

import json
from pathlib import Path

import pandas as pd

from nq57lab.base import wording
from nq57lab.charts import theme
from nq57lab.site import formula_words, open_data
from nq57lab.site.desk import Desk
from nq57lab.site.subjects import chart
from nq57lab.site.subjects.page import Page

SCALE = 1.5  # pixels of the PNG a pixel of the drawing


def write(desk: Desk, page: Page, folder: Path, rows: pd.DataFrame) -> list[Path]:
    """Write a subject's files; return the SVG that a PNG is still to be made of, if any.

    Parameters
    ----------
    desk : Desk
    page : Page
    folder : Path
        ``chi-so``.
    rows : DataFrame
        The subject's open rows (:func:`nq57lab.site.open_data.rows`), every area and vintage.
    """
    view, c = page.view, desk.content.catalogue
    if rows.empty:
        return []
    rows.to_csv(folder / f"{view.code}.csv", index=False, lineterminator="\n")
    goals = desk.goals[desk.goals["measure"] == view.measure]
    content = {
        "code": view.code,
        "name_vi": c.names[view.code],
        "unit": view.unit,
        "figures_of": view.measure,
        "formula_vi": formula_words.of(c, c.formulas.get(view.code, "")) if view.code in c.formulas else "",
        "finding_vi": page.finding,
        "known": desk.content.known.isoformat(),
        "targets": json.loads(
            goals[["id", "milestone", "comparator", "target", "unit", "stated_vi", "source"]].to_json(orient="records")
        ),
        "figures": json.loads(rows.to_json(orient="records")),
    }
    (folder / f"{view.code}.json").write_text(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    if not view.drawn:
        return []
    drawn = folder / f"{view.code}.svg"
    subtitle = f"Đơn vị: {view.unit}" + (f". {wording.capital(_keys(view))}" if _keys(view) else "")
    drawn.write_text(chart.file(view, page.finding, subtitle, page.foot), encoding="utf-8")
    return [drawn]


def _keys(view) -> str:
    from nq57lab.site.subjects.view import KEYS

    marks = {
        "hollow": "điểm rỗng",
        "apart": "ô vuông xám",
        "other": "vòng xám",
        "path": "nét đứt",
        "break": "vạch chấm đứng",
    }
    return "; ".join(f"{marks[kind]}: {KEYS[kind]}" for kind in view.kinds() if kind in marks)


def paint(drawn: Path) -> None:
    """Make the PNG of an SVG file."""
    import vl_convert

    theme.register_fonts()
    drawn.with_suffix(".png").write_bytes(vl_convert.svg_to_png(drawn.read_text(encoding="utf-8"), scale=SCALE))


def rows_of(desk: Desk) -> dict[str, pd.DataFrame]:
    """Return the open rows by subject."""
    return {str(subject): rows for subject, rows in open_data.rows(desk.content).groupby("subject", sort=False)}
