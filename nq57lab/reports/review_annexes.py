"""The periodic review's annexes: indicators with data, how numbers were obtained, the draft's annexes, sources.

An :class:`~nq57lab.documents.edition.Edition` in, its pieces out.
"""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import yaml

from nq57lab.base import formulas, wording
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts.resolve import References
from nq57lab.reports.review import newest

SIGNS = {"+": "+", "-": wording.MINUS, "*": "×", "/": "÷"}


class Written:
    """A number as printed, with an arithmetic that writes: (1.245 ÷ 1.469) × 100 stays to be read.

    Nothing is written before :meth:`__str__`, so that the trace has the numbers in the order in which they stand.
    """

    def __init__(self, write: Callable[[], str], sign: str = ""):
        self.write, self.sign = write, sign

    def __str__(self) -> str:
        return self.write()

    def _joined(self, sign: str, other: "Written") -> "Written":
        def text(side: Written, binding: str) -> str:
            return f"({side})" if side.sign and side.sign in binding else str(side)

        before = "+-" if sign in "*/" else ""
        after = {"+": "", "-": "+-", "*": "+-", "/": "+-*/"}[sign]
        return Written(lambda: f"{text(self, before)} {SIGNS[sign]} {text(other, after)}", sign)

    def __add__(self, other: "Written") -> "Written":
        return self._joined("+", other)

    def __sub__(self, other: "Written") -> "Written":
        return self._joined("-", other)

    def __mul__(self, other: "Written") -> "Written":
        return self._joined("*", other)

    def __truediv__(self, other: "Written") -> "Written":
        return self._joined("/", other)

    def _compare(self, other: object) -> bool:
        raise ValueError("a count of what satisfies a comparison has no arithmetic in words")

    __ge__ = __le__ = __gt__ = __lt__ = __eq__ = _compare
    __hash__ = object.__hash__


def constant(value: float) -> Written:
    """Return a formula's own number."""
    text = wording.number(value, 0 if value == int(value) else 2)
    return Written(lambda: f'[{text}]{{.hang-so ly-do="hệ số của công thức"}}')


def arithmetic(node: formulas.Node, edition: Edition, area: str, period: str) -> str:
    """Write an expression with the printed numbers in place of its references: "1.245 ÷ 1.469 × 100".

    Raises
    ------
    LookupError
        If a reference has no row.
    ValueError
        For ``count_where``, whose count has no arithmetic.
    """
    figures = edition.figures

    def printed(row: pd.Series) -> Written:
        figure = figures.as_printed(row)
        if " " in row["printed"]:
            figure = replace(figure, number=wording.number(row["value"], 0))
        return Written(lambda: figures.write(replace(figure, qualifier="="), unit=False, mark=False))

    return str(formulas.evaluate(node, References(figures.lookup, area, period, printed), constant))


def provenance(edition: Edition) -> Piece:
    """Return how each recomputed figure was obtained, beside what the draft prints."""
    edition.figures.place = "bảng cách tính"
    rows = []
    for _, check in edition.audit[edition.audit["recompute"]].iterrows():
        name = edition.catalogue.short[check["subject"]]
        label = edition.catalogue.dims_label(check["dims"])
        observed = edition.figures.lookup.row(
            formulas.parse_reference(_reference(check)), check["area"], check["period"]
        )
        if observed is None:
            continue
        figure = edition.figures.of_row(observed)
        printed = edition.figures.write(edition.figures.as_printed(observed), mark=False)
        expression = formulas.parse(check["relation"].split(" = ", 1)[1])
        formula = arithmetic(expression, edition, check["area"], check["period"])
        rows.append(
            [
                name + (f", {label}" if label else ""),
                formula,
                edition.figures.write(figure, mark=False),
                printed,
                check["locator"],
            ]
        )
    note = "Dòng dữ liệu, công thức và nguồn của từng số trong báo cáo nằm trong bảng truy vết kèm ấn bản."
    columns = (
        "l27 Số liệu | l30 Phép tính từ số in trong dự thảo | r14 Tính lại | r14 Dự thảo ghi | l15 Vị trí trong dự thảo"
    )
    return edition.table(rows, "Số liệu tính lại từ các thành phần", "tbl-cach-tinh", columns, note)


def derived(edition: Edition) -> Piece:
    """Return the sums, differences and rates that the texts and charts computed, with their arithmetic."""
    forms: dict[tuple[str, str], dict[str, str]] = {}  # formula, period asked for → printed text → its link
    for entry in edition.figures.trace:
        if entry["area"] not in ("", "VN"):  # those of other areas stand in the table of recomputed figures
            continue
        link = f'[{entry["printed"]}]{{.so so="{entry["id"]}"}}'
        forms.setdefault((entry["formula"], entry["asked"]), {}).setdefault(entry["printed"], link)
    rows = []
    for (formula, asked), printed in forms.items():
        try:
            node = formulas.parse(formula) if formula else None
            if node is None or isinstance(node, formulas.Reference):
                continue
            shown = arithmetic(node, edition, "VN", asked)
        except (formulas.FormulaError, LookupError, ValueError):
            continue
        # A number printed bare in a table and with its unit in a text is one result.
        whole = [
            link
            for text, link in printed.items()
            if not any(o[: len(text)] == text and o[len(text) :][:1].isspace() for o in printed)
        ]
        names = dict.fromkeys(edition.catalogue.short[r.name] for r in formulas.references(node))
        rows.append([" · ".join(whole), shown, wording.join(names)])
    columns = "r18 Con số | l38 Phép tính | l44 Từ các số liệu"
    return edition.table(rows, "Số liệu tính thêm trong báo cáo", "tbl-tinh-them", columns)


def _reference(check: pd.Series) -> str:
    return check["subject"] + (f"[{check['dims']}]" if check["dims"] else "")


def with_data(edition: Edition) -> Piece:
    """Return every indicator of the catalogue that has a figure, with its newest value and how it was obtained."""
    start, rows = edition.figures.at("bảng chỉ số có số liệu"), []
    present = set(edition.values["subject"])
    for indicator in edition.catalogue.indicators[edition.catalogue.indicators["code"].isin(present)].itertuples():
        figure = newest(edition, indicator.code)
        if figure.missing:
            continue
        how = "tính từ thành phần" if figure.formula else "theo nguồn"
        status = wording.STATUS_WORDS[figure.status]
        written = edition.figures.write(figure)
        rows.append(
            [
                indicator.code,
                indicator.name_vi,
                written,
                wording.period(figure.period),
                how,
                status,
                "; ".join(edition.source_name(source) for source in figure.sources),
            ]
        )
    columns = "l9 Mã | l27 Chỉ số | r11 Số liệu | l12 Kỳ | l11 Cách xác định | l11 Tình trạng | l19 Nguồn"
    return edition.table(rows, "Chỉ số đã có số liệu", "tbl-co-so-lieu", columns, since=start)


def annexes(edition: Edition) -> Piece:
    """Return which of the draft's annexes can be made from the data at hand."""
    path = edition.root / "reports" / "_templates" / "so-ket" / "phu-luc-du-thao.yml"
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    columns = "l10 Phụ lục | l36 Nội dung | l16 Lập được | l38 Lý do"
    return edition.table(
        [[entry["so"], entry["noi_dung"], entry["muc_do"], entry["ly_do"]] for entry in listed],
        "Các phụ lục mà dự thảo viện dẫn",
        "tbl-phu-luc",
        columns,
    )
