"""One indicator or variable, everything known about it: definition, every vintage, targets, and what is related.

An :class:`~nq57lab.documents.edition.Edition` and a code in, pieces out; the command ``nq57 show`` prints the same tables.
"""

import pandas as pd

from nq57lab.base import contract, formulas, messages, printing, wording
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition, MissingFigure, Piece
from nq57lab.facts import crosswalk
from nq57lab.facts.figures import Figure
from nq57lab.targets import tracking as of_targets
from nq57lab.targets.methods import eurostat

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
            ("name", row["name_vi"]),
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
        ("name", row["name_vi"]),
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
    frame = pd.DataFrame(
        [
            (
                label,
                f"`{text}`"
                if label == messages.section("vi", "heads")["formula"] and edition.catalogue.formulas.get(code)
                else text,
            )
            for label, text in rows
        ],
        columns=["Mục", "Nội dung"],
    )
    return edition.table(frame, rows[1][1], "tbl-dinh-nghia", "ll", [25, 75])


def history_rows(edition: Edition, code: str, area: str = "VN") -> pd.DataFrame:
    """Return every observation of a code and area known on the edition's date, every vintage, oldest period first."""
    rows = edition.known_tables.entered_rows
    rows = rows[(rows["subject"] == code) & (rows["area"] == area)]
    used = set(edition.known_tables.table["id"])
    rows = rows.assign(used=rows["id"].isin(used))
    return rows.sort_values(["period_end", "vintage_end", "dims"], kind="stable")


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
    heads = ["Kỳ", "Phân tổ", "Giá trị", "Đơn vị", "Tình trạng", "Công bố", "Nguồn", "Vị trí", "Dùng"]
    frame = pd.DataFrame(cells, columns=heads)
    return edition.table(
        frame,
        "Số liệu theo kỳ và đợt công bố",
        "tbl-lich-su",
        "llrllllll",
        [12, 12, 10, 9, 12, 12, 12, 15, 6],
        wide=True,
    )


def _drawn_rows(edition: Edition, code: str, area: str) -> pd.DataFrame:
    rows = history_rows(edition, code, area)
    return rows[(rows["dims"] == "") & (rows["item"] == "") & (rows["period"].str.len() <= 10)]


def chart_builder(code: str, area: str = "VN", computed: pd.DataFrame | None = None):
    """Return the builder of the history's chart: the values an edition would use, and other vintages hollow.

    Parameters
    ----------
    code, area : str
    computed : DataFrame, optional
        Values that only the catalogue's formula gives (date, value, unit, status, period, formula, row: the parts); drawn with those reported.
    """

    def build(ban: Edition):
        import altair as alt

        from nq57lab.charts import basic

        rows = _drawn_rows(ban, code, area).rename(columns={"period_end": "date"})
        if computed is not None:
            rows = pd.concat([rows, computed.assign(used=True)], ignore_index=True) if len(rows) else computed
            rows = rows.assign(used=rows["used"].astype(bool) if "used" in rows else True).sort_values("date")
        if rows.empty:
            raise MissingFigure(code)
        frame = pd.DataFrame(
            {
                "day": rows["date"].dt.strftime("%Y-%m-%d"),
                "value": rows["value"],
                "label": [wording.number(v, 2) for v in rows["value"]],
                "used": rows["used"],
            }
        )
        for _, row in rows[rows["used"]].iterrows():
            if "formula" in rows and isinstance(row["formula"], str):
                parts = tuple(row["row"].split("; "))
                told = {"decimals": 2, "rows": parts, "formula": row["formula"], "period": row["period"]}
                figure = ban.figures.literal(row["value"], row["unit"], status=row["status"], **told)
            else:
                figure = ban.figures.of_row(row)
            ban.figures.write(figure, markup=False)
        scale = alt.Scale(zero=False, reverse=rows["unit"].iloc[-1] == "thứ hạng")
        x = alt.X("day:T", title=None, axis=basic.year_ends(grid=False))
        y = alt.Y("value:Q", title=rows["unit"].iloc[-1], scale=scale)
        tips = [alt.Tooltip("day:T", title="Cuối kỳ", format="%d/%m/%Y"), alt.Tooltip("label:N", title="Giá trị")]
        used = alt.Chart(frame[frame["used"]]).encode(x=x, y=y)
        drawn = used.mark_line(color=basic.MAIN) + used.mark_point(
            color=basic.MAIN, filled=True, size=60, opacity=1
        ).encode(tooltip=tips)
        others = (
            alt.Chart(frame[~frame["used"]]).mark_point(color=basic.CONTRAST, size=50).encode(x=x, y=y, tooltip=tips)
        )
        last = (frame[frame["used"]] if frame["used"].any() else frame).iloc[-1]
        name = ban.catalogue.names[code]
        title = (
            f"{name}: {last['label']} {rows['unit'].iloc[-1] if rows['unit'].iloc[-1] != 'thứ hạng' else ''}".strip()
        )
        alt_text = f"Biểu đồ đường {len(frame)} số liệu của {name}; số mới nhất {last['label']}."
        words = {
            "title": title,
            "subtitle": "Điểm đặc: số dùng trong ấn bản; điểm rỗng: đợt công bố khác",
            "caption": name,
            "alt": alt_text,
        }
        return (lambda size: (drawn + others).properties(width=size.width - size.scale, height=230)), words

    return build


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
    frame = pd.DataFrame(rows, columns=["Mốc", "Mục tiêu", "Giá trị trừ mục tiêu", "Đánh giá tạm thời", "Nguồn"])
    return edition.table(frame, "Mục tiêu", "tbl-muc-tieu", "llrll", [9, 27, 16, 30, 18], wide=True)


def _goal(edition: Edition, target: pd.Series) -> list[str]:
    """Write a target, its gap and its verdict; each number is noted in the trace with its rows."""
    ids = edition.catalogue.targets["id"]
    line = f"targets.csv:{int(edition.catalogue.targets.index[ids == target['id']][0]) + 2}"
    inputs = tuple(part for part in (target["row"], line) if part)
    words = wording.target(target["comparator"], target["target"], target["target_high"], target["unit"])
    if target["target"] == target["target"]:
        words = edition.figures.note(words, target["target"], rows=(line,), source=target["source"][:4])
    gap = "–"
    if target["gap"] == target["gap"]:
        figure = edition.figures.literal(target["gap"], "", decimals=2, rows=inputs, formula="giá trị trừ mục tiêu")
        gap = edition.figures.write(figure)
    reason = plain_numbers.traced(target["reason"], edition.figures, inputs, "lý do không đánh giá được")
    return [words, gap, eurostat.METHOD.words[target["verdict"]] + (f": {reason}" if reason else "")]


def newest(edition: Edition, code: str, area: str = "VN") -> Figure:
    """Return the newest figure of a code, a reference or an expression as a report writes it: printed or recomputed; else by the formula.

    Parameters
    ----------
    code : str
        A code of the catalogue, one with a breakdown, or an expression of the closed grammar.
    area : str
        Where the code names none.
    """
    node = formulas.parse(code)
    decimals = None if isinstance(node, formulas.Reference) or printing.is_additive(node) else 2
    figure = edition.figures.get(code, area=area, decimals=decimals)
    values = edition.known_tables.values
    own = values[(values["subject"] == code) & (values["area"] == area) & (values["formula"] != "")]
    if not figure.missing or own.empty:
        return figure
    row = own.iloc[-1]
    value = float(row["value"])
    return edition.figures.literal(
        value,
        row["unit"],
        decimals=min(printing.decimals_needed(round(value, 6)), 2),
        rows=tuple(row["inputs"].split("; ")),
        formula=row["formula"],
        period=row["period"],
        status=row["status"],
    )


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
    edition.figures.place = f"tra cứu {code}"
    start = len(edition.figures.trace)
    rows = [
        [
            RELATIONS[kind],
            f"{other} {name}" if other in edition.catalogue.subject_units else name,
            edition.figures.write(figure, unit=False),
            figure.unit,
            wording.period(figure.period),
            wording.STATUS_WORDS[figure.status],
            plain_numbers.traced(reason, edition.figures, figure.rows, "số trong chỗ khác của định nghĩa"),
        ]
        for kind, other, name, figure, reason in elsewhere(edition, code, area)
    ]
    if not rows:
        return Piece("Chưa có số liệu nào ở mã khác.")
    heads = ["Quan hệ", "Số liệu", "Giá trị", "Đơn vị", "Kỳ", "Tình trạng", "Khác ở đâu"]
    frame = pd.DataFrame(rows, columns=heads)
    caption = "Số liệu của đại lượng này ở mã khác"
    return edition.table(frame, caption, "tbl-ma-khac", "llrllll", [13, 25, 9, 9, 9, 10, 25], wide=True, since=start)


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
    frame = frame.set_axis(["Mã", "Tên", "Quan hệ", "Ghi chú"], axis=1)
    return edition.table(frame, "Chỉ số, dữ liệu liên quan", "tbl-lien-quan", "llll", [16, 34, 18, 32], wide=True)
