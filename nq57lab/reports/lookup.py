"""One indicator or variable, everything known about it: definition, every vintage, targets, and what is related.

An :class:`~nq57lab.documents.edition.Edition` and a code in, pieces out; the command ``nq57 show`` prints the same tables.
"""

import pandas as pd

from nq57lab.base import contract, formulas, messages, printing, wording
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts import crosswalk
from nq57lab.facts.figures import Figure
from nq57lab.targets import pages as target_pages
from nq57lab.targets import tracking as of_targets

RELATIONS = {"same": "cùng định nghĩa", "near": "gần giống", "different": "khác định nghĩa, không thay thế được"}

ELSEWHERE_COLUMNS = ["relation", "code", "name", "value", "unit", "period", "status", "note"]


def definition_rows(edition: Edition, code: str, lang: str = "vi") -> list[tuple[str, str]]:
    """Return an indicator's or a variable's definition as label and text, the labels in a language.

    Raises
    ------
    ProblemError
        If the catalogue has no such code.
    """
    c, heads = edition.catalogue, messages.section(lang, "heads")
    variable = c.variables[c.variables["id"] == code]
    if len(variable):
        row = variable.iloc[0]
        own = [
            ("code", code),
            ("name", c.called(code, lang)),
            *([] if lang == "vi" else [("name_vietnamese", row["name_vi"])]),
            ("unit", row["unit"] or "–"),
            ("description", row["description"] or "–"),
        ]
        return [(heads[name], text) for name, text in own]
    row = c.indicator(code)
    group = c.groups[c.groups["group"] == row["group"]]
    fixed = c.corrections[(c.corrections["code"] == code) & (c.corrections["column"] == "formula")]
    proposed = [("formula_proposed", f"{fix.proposed} ({fix.reason})") for fix in fixed.itertuples()]
    own = [
        ("code", code),
        ("name", c.called(code, lang)),
        *([] if lang == "vi" else [("name_vietnamese", row["name_vi"])]),
        ("name_printed", row["name_printed"]),
        ("group", f"{row['layer']}; {group['name_vi'].iloc[0] if len(group) else row['group']}"),
        ("unit", row["unit"] or "–"),
        ("frequency", messages.shape(f"frequency_{row['frequency']}")[lang]),
        (
            "direction",
            messages.shape(f"direction_{row['direction']:g}")[lang] if row["direction"] == row["direction"] else "–",
        ),
        ("formula", row["formula"] or messages.shape("formula_reported")[lang]),
        *proposed,
        ("lead", c.agencies(row["lead"]) or "–"),
        ("implementing", row["implementing"] or "–"),
        ("source_system", row["source_system"] or "–"),
        ("printed_at", row["source"]),
    ]
    return [(heads[name], text) for name, text in own]


def definition(edition: Edition, code: str) -> Piece:
    """Return the definition as a table."""
    rows = definition_rows(edition, code)
    formula = messages.section("vi", "heads")["formula"] if edition.catalogue.formulas.get(code) else ""
    cells = [(label, f"`{text}`" if label == formula else text) for label, text in rows]
    return edition.table(cells, rows[1][1], "tbl-dinh-nghia", "l25 Mục | l75 Nội dung", wide=False)


def history_rows(edition: Edition, code: str, area: str = "VN") -> pd.DataFrame:
    """Return every observation of a code and area known on the edition's date, every vintage, and what is computed; oldest period first.

    A row that was withdrawn stands too; its note says since when and why.
    """
    rows = versions(edition, area)
    return rows[rows["subject"] == code]


def versions(edition: Edition, area: str = "VN") -> pd.DataFrame:
    """Return :func:`history_rows` of every code, with ``used`` (whether an edition uses the row)."""
    measured = edition.known_tables.measured
    computed, of_row = measured[measured["formula"] != ""], edition.known_tables.table.set_index("id")["source"]
    sources = ["; ".join(dict.fromkeys(of_row[part] for part in text.split("; "))) for text in computed["id"]]
    rows = pd.concat([edition.known_tables.shown_rows.assign(formula=""), computed.assign(source=sources)])
    rows = rows[rows["area"] == area]
    rows = rows.assign(used=rows["id"].isin(set(measured["id"])))
    gone = edition.catalogue.withdrawals.set_index("id")["reason"]
    lost = rows["id"].isin(gone.index)
    rows["note"] = rows["note"].mask(lost, "đã rút ngày " + rows["withdrawn"] + ": " + rows["id"].map(gone).fillna(""))
    return rows.sort_values(["period_end", "vintage_end", "dims"], kind="stable")


def break_rows(edition: Edition, code: str, lang: str = "vi") -> pd.DataFrame:
    """Return where a code's series break, in words: period (the first after the break, or the source set apart), kind, note."""
    c = edition.catalogue
    rows = c.breaks[(c.breaks["store"] == "observations") & (c.breaks["subject"] == code)]
    cells = zip(rows["period"], rows["of_source"], strict=True)
    where = [(wording.period(period) if lang == "vi" else period) if period else source for period, source in cells]
    kinds = rows["kind"].map({kind: messages.shape(f"break_{kind}")[lang] for kind in set(rows["kind"])})
    return pd.DataFrame({"where": where, "kind": kinds, "note": rows["note_vi"]})


def history(edition: Edition, code: str, area: str = "VN") -> Piece:
    """Return the history as a table: value, period, status, vintage, source, and which row an edition would use."""
    edition.figures.place = f"tra cứu {code}"
    rows = history_rows(edition, code, area)
    if rows.empty:
        return Piece(
            f"Chưa có số liệu của {code} tại {edition.catalogue.names.get(area, area)} đến ngày {wording.day(edition.known)}."
        )
    cells = []
    for _, row in rows.iterrows():
        written = edition.figures.write(edition.figures.as_printed(row), unit=False)
        label = edition.catalogue.dims_label(row["dims"]) or "–"
        status = wording.STATUS_WORDS[row["status"]]
        cells.append(
            [
                wording.period(row["period"]),
                label,
                written,
                row["unit"],
                status,
                wording.stamp(row["vintage"]),
                row["source"],
                plain_numbers.constant(row["locator"], "vị trí trong nguồn") if row["locator"] else "",
                "●" if row["used"] else "",
            ]
        )
    columns = "l12 Kỳ | l12 Phân tổ | r10 Giá trị | l9 Đơn vị | l12 Tình trạng | l12 Công bố | l12 Nguồn | l15 Vị trí | l6 Dùng"
    return edition.table(cells, "Số liệu theo kỳ và đợt công bố", "tbl-lich-su", columns)


def goals(edition: Edition, code: str) -> Piece:
    """Return the targets that are set on a code, with the gap and the verdict."""
    edition.figures.place = f"tra cứu {code}"
    rows = []
    for milestone in contract.MILESTONES:
        progress = of_targets.of_known(edition.known_tables, milestone).progress
        for _, target in progress[progress["indicator"] == code].iterrows():
            rows.append([f"năm {milestone}", *_goal(edition, target), target["source"]])
    if not rows:
        return Piece("Không có văn bản nào đặt mục tiêu trên mã này.")
    columns = "l9 Mốc | l27 Mục tiêu | r16 Giá trị trừ mục tiêu | l30 Đánh giá tạm thời | l18 Nguồn"
    return edition.table(rows, "Mục tiêu", "tbl-muc-tieu", columns)


def _goal(edition: Edition, target: pd.Series) -> list[str]:
    """Write a target, its gap and its verdict; each number is noted in the trace with its rows."""
    ids = edition.catalogue.targets["id"]
    line = f"targets.csv:{int(edition.catalogue.targets.index[ids == target['id']][0]) + 2}"
    words = wording.target(target["comparator"], target["target"], target["target_high"], target["unit"])
    if target["target"] == target["target"]:
        words = edition.figures.note(words, target["target"], rows=(line,), source=target["source"].partition(",")[0])
    return [words, target_pages.gap(edition, target), target_pages.verdict(edition, target)]


def newest(edition: Edition, code: str, area: str = "VN") -> Figure:
    """Return the newest figure of a code, a reference or an expression as a report writes it: printed, recomputed or by the formula.

    Parameters
    ----------
    code : str
        A code of the catalogue, one with a breakdown, or an expression of the closed grammar.
    area : str
        Where the code names none.
    """
    node = formulas.parse(code)
    decimals = None if isinstance(node, formulas.Reference) or printing.is_additive(node) else 2
    return edition.figures.get(code, area=area, decimals=decimals)


def elsewhere(edition: Edition, code: str, area: str = "VN") -> list[tuple[str, str, str, Figure, str]]:
    """Return what is known of a code's quantity under other codes: kind, code, name, figure, difference; the same first, figures only."""
    found = []
    for row in crosswalk.elsewhere(edition.catalogue, code).itertuples():
        figure = newest(edition, row.code, area)
        if not figure.missing:
            found.append((row.kind, row.code, crosswalk.named(edition.catalogue, row.code), figure, row.reason))
    return found


def elsewhere_rows(edition: Edition, code: str, area: str = "VN", lang: str = "vi") -> pd.DataFrame:
    """Return :func:`elsewhere` as a table: relation, code, name, value, unit, period, status, note (the difference).

    Relation, value, period and status are in words; in English they stay the contract's own.
    """
    if lang == "en":
        plain = [
            (kind, other, name, figure.value, figure.unit, figure.period, figure.status, reason)
            for kind, other, name, figure, reason in elsewhere(edition, code, area)
        ]
        return pd.DataFrame(plain, columns=ELSEWHERE_COLUMNS)
    rows = [
        (
            RELATIONS[kind],
            other,
            name,
            wording.QUALIFIER_WORDS[figure.qualifier] + figure.number,
            figure.unit,
            wording.period(figure.period),
            wording.STATUS_WORDS[figure.status],
            reason,
        )
        for kind, other, name, figure, reason in elsewhere(edition, code, area)
    ]
    return pd.DataFrame(rows, columns=ELSEWHERE_COLUMNS)


def elsewhere_table(edition: Edition, code: str, area: str = "VN") -> Piece:
    """Return :func:`elsewhere` as a table of a document, every number traced."""
    start = edition.figures.at(f"tra cứu {code}")
    rows = [
        [
            RELATIONS[kind],
            f"{other} {name}" if other in edition.catalogue.subject_units else name,
            edition.figures.write(figure, unit=False),
            figure.unit,
            wording.period(figure.period),
            wording.STATUS_WORDS[figure.status],
            plain_numbers.constants(reason, "số trong lời văn của danh mục"),
        ]
        for kind, other, name, figure, reason in elsewhere(edition, code, area)
    ]
    if not rows:
        return Piece("Chưa có số liệu nào ở mã khác.")
    caption = "Số liệu của đại lượng này ở mã khác"
    columns = "l13 Quan hệ | l25 Số liệu | r9 Giá trị | l9 Đơn vị | l9 Kỳ | l10 Tình trạng | l25 Khác ở đâu"
    return edition.table(rows, caption, "tbl-ma-khac", columns, since=start)


def related_rows(edition: Edition, code: str) -> pd.DataFrame:
    """Return what is related: the crosswalk between documents, the formula's variables, formulas that use the code.

    Returns
    -------
    DataFrame
        code, name, relation (in words), note.
    """
    c, rows = edition.catalogue, []
    for link in crosswalk.elsewhere(c, code).itertuples():
        rows.append([link.code, crosswalk.named(c, link.code), RELATIONS[link.kind], link.reason])
    for user, formula in c.formulas.items():
        names = [reference.name for reference in formulas.references(formulas.parse(formula))]
        if user == code:
            rows += [[name, c.names[name], "thành phần của công thức", formula] for name in names]
        elif code in names:
            rows.append([user, c.names[user], "công thức có dùng", formula])
    return pd.DataFrame(rows, columns=["code", "name", "relation", "note"])


def related(edition: Edition, code: str) -> Piece:
    """Return :func:`related_rows` as a table."""
    frame = related_rows(edition, code)
    if frame.empty:
        return Piece("Chưa ghi nhận liên hệ nào.")
    columns = "l16 Mã | l34 Tên | l18 Quan hệ | l32 Ghi chú"
    return edition.table(frame, "Chỉ số, dữ liệu liên quan", "tbl-lien-quan", columns)
