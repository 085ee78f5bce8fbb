"""The charts of the periodic review on money, enterprises, rankings, 5G, partners and patents.

As in :mod:`nq57lab.reports.review_charts`, each takes an edition and returns a drawing and its words.
"""

import pandas as pd

from nq57lab.base import formulas, periods, wording
from nq57lab.charts import basic
from nq57lab.documents.edition import Edition, words
from nq57lab.facts import vintages
from nq57lab.reports.review_charts import NO_BREAK, breakdown, put, series


def money(edition: Edition):
    """Figure 8: budget, allocated, estimate, disbursed; then estimate and disbursed by pillar, on one scale."""
    day = edition.figures.get("sti_budget_estimate").period
    shown = [
        ("Tổng kinh phí năm 2026", "sti_budget_total[period=2026]"),
        ("Đã phân bổ", "sti_budget_allocated[period=2026-06-30]"),
        ("Dự toán đã có quyết định", "sti_budget_estimate"),
        ("Đã giải ngân", "sum_over(sti_disbursed, pillar)"),
    ]
    for name, key in (("Khoa học, công nghệ", "KHCN"), ("Đổi mới sáng tạo", "DMST"), ("Chuyển đổi số", "CDS")):
        shown += [
            (f"{name}: dự toán", f"sti_budget_estimate[pillar={key}]"),
            (f"{name}: giải ngân", f"sti_disbursed[pillar={key}]"),
        ]
    rows = []
    for name, expression in shown:
        value, label = put(edition, expression, period=day, unit="nghìn tỷ đồng", decimals=2)
        rows.append({"name": name, "value": value, "label": label.split(NO_BREAK)[0]})
    frame = pd.DataFrame(rows)
    _, rate = put(edition, "disbursement_rate")
    share, _ = put(
        edition, "sum_over(sti_disbursed, pillar) / sti_budget_total[period=2026] * 100", period=day, unit="%"
    )
    title = f"Đã giải ngân {rate} dự toán, bằng {wording.number(share, 1)}% tổng kinh phí năm"
    alt = "Biểu đồ thanh (nghìn tỷ đồng): " + "; ".join(
        f"{r.name.lower()} {r.label}" for r in frame.itertuples(index=False)
    )
    paid = [name for name, _ in shown if "giải ngân" in name.lower()]
    return (lambda size: basic.bars(frame, highlight=paid, sort=False, size=size)), words(
        title,
        f"Kinh phí khoa học, công nghệ, đổi mới sáng tạo và chuyển đổi số năm 2026 (nghìn tỷ đồng), {wording.period(day)}",
        "Kinh phí: tổng số, phân bổ, dự toán, giải ngân và theo trụ cột",
        f"{alt}. {title}.",
    )


def enterprises(edition: Edition):
    """Enterprises by state of registration."""
    rows = []
    found = breakdown(edition, "sti_enterprises_by_state", "state")
    for _, row in found.iterrows():
        label = edition.figures.write(edition.figures.of_row(row), unit=False, markup=False)
        rows.append(
            {"name": wording.capital(edition.catalogue.dims_label(row["dims"])), "value": row["value"], "label": label}
        )
    _, total = put(edition, "sti_enterprises")
    every = "sum_over(sti_enterprises_by_ownership, ownership)"
    options = {"period": found["period"].iloc[0]}
    apart, label = put(edition, f"{every} - sum_over(sti_enterprises_by_state, state)", **options)
    rows.append({"name": "Chênh so với tổng số (tính toán)", "value": apart, "label": label.split(NO_BREAK)[0]})
    frame = pd.DataFrame(rows)
    active = wording.capital(edition.catalogue.dims_label("state=operating"))
    operating = frame[frame["name"] == active]["label"].iloc[0]
    _, share = put(edition, f"sti_enterprises_by_state[state=operating] / {every} * 100", **options)
    title = f"{operating} trong {total} đang hoạt động ({share})"
    alt = (
        "Biểu đồ thanh: "
        + "; ".join(f"{r.name.lower()} {r.label}" for r in frame.itertuples(index=False))
        + f". {title}."
    )

    def chart(size: basic.Size):
        return basic.bars(frame, highlight=[active], size=size)

    return chart, words(
        title,
        "Số doanh nghiệp khoa học, công nghệ, đổi mới sáng tạo và công nghệ số, tháng 6/2026",
        "Doanh nghiệp theo trạng thái",
        alt,
    )


def rankings(edition: Edition):
    """GII and EGDI ranks over time."""
    frames = []
    for name, subject in (("GII", "A.02.06"), ("EGDI", "egdi_rank")):
        found = series(edition, subject)
        found = found[found["period"].str.fullmatch(r"\d{4}")]
        labels = [edition.figures.write(edition.figures.of_row(row), markup=False) for _, row in found.iterrows()]
        years = found["period"].astype(int)
        frames.append(
            pd.DataFrame(
                {
                    "year": years,
                    "value": found["value"],
                    "series": name,
                    "part": name + found["segment"],
                    "label": [f"{name}: hạng {text}" for text in labels],
                    "last": years == years.max(),
                }
            )
        )
    frame = pd.concat(frames, ignore_index=True)
    ends = frame[frame["last"]].set_index("series")
    newest = frame[frame["part"].isin(ends["part"])]  # what is said of the way goes over no break
    firsts = newest.drop_duplicates("series").set_index("series")
    title = "; ".join(
        f"{name} từ hạng {int(firsts.at[name, 'value'])} ({firsts.at[name, 'year']}) lên hạng {int(ends.at[name, 'value'])} ({ends.at[name, 'year']})"
        for name in ends.index
    )
    alt = (
        "Biểu đồ đường thứ hạng (hạng 1 ở trên): "
        + "; ".join(f"{r.series} năm {r.year} hạng {int(r.value)}" for r in frame.itertuples(index=False))
        + "."
    )
    return (lambda size: basic.ranks(frame, size=size)), words(
        title,
        "Thứ hạng của Việt Nam; GII: đổi mới sáng tạo toàn cầu, EGDI: phát triển Chính phủ điện tử; số nhỏ hơn là tốt hơn",
        "Thứ hạng GII và EGDI qua các năm",
        alt,
    )


def coverage_5g(edition: Edition):
    """5G coverage over time; values whose base the source does not state are hollow."""
    whole = series(edition, "M.04")
    entries = edition.known_tables.entered_rows.query("subject == 'M.04' and area == 'VN' and dims == ''")
    joined = vintages.one_series(entries, whole, whole.iloc[-1])
    others = [
        whole[~whole["id"].isin(joined["id"])],
        edition.figures.lookup.breakdown(formulas.Reference("M.04"), "basis"),
    ]
    frames = []
    for found in (joined, pd.concat(others)):
        labels = [edition.figures.write(edition.figures.of_row(row), markup=False) for _, row in found.iterrows()]
        days = [periods.end(text) for text in found["period"]]
        when = [wording.period(text) for text in found["period"]]
        part = found["segment"].to_numpy()
        frames.append(
            pd.DataFrame({"day": days, "value": found["value"].to_numpy(), "label": labels, "when": when, "part": part})
        )
    frame, apart = frames
    first, last = frame.iloc[0], frame.iloc[-1]
    title = f"{wording.capital(last['label'])} dân số được phủ sóng 5G ({last['when']})"
    title += f", từ {first['label']} ({first['when']})" if len(frame) > 1 and first["part"] == last["part"] else ""
    listed = "; ".join(f"{row.when} {row.label}" for row in pd.concat([apart, frame]).itertuples(index=False))
    return (lambda size: basic.steps(frame, others=apart, size=size)), words(
        title,
        "Tỷ lệ dân số được phủ sóng 5G (%), cả nước; điểm rỗng: nguồn khác, chưa rõ có cùng định nghĩa hay không nên không nối",
        "Phủ sóng 5G theo thời gian",
        f"Biểu đồ đường: {listed}.",
    )


def partners(edition: Edition):
    """Agreements by partner."""
    found = breakdown(edition, "strategic_agreements_signed", "partner")
    rows = []
    for _, row in found.iterrows():
        label = edition.figures.write(edition.figures.of_row(row), unit=False, markup=False)
        name = edition.catalogue.dims_label(row["dims"])
        rows.append({"name": name, "value": row["value"], "label": label, "dims": row["dims"]})
    frame = pd.DataFrame(rows).sort_values("value", ascending=False, kind="stable")
    top = frame.head(2)
    period = found["period"].iloc[0]
    first, second = (f"strategic_agreements_signed[{dims}]" for dims in top["dims"])
    expression = f"({first} + {second}) / sum_over(strategic_agreements_signed, partner) * 100"
    _, share = put(edition, expression, period=period, decimals=0)
    title = f"{wording.join(top['name'])} chiếm {share} số thỏa thuận"
    when = wording.period(period)
    alt = "Biểu đồ thanh: " + "; ".join(f"{r.name} {r.label}" for r in frame.itertuples(index=False)) + f". {title}."
    return (lambda size: basic.bars(frame, highlight=top["name"].tolist(), size=size)), words(
        title, f"Số cam kết, thỏa thuận về KHCN, ĐMST, CĐS theo đối tác, {when}", "Thỏa thuận quốc tế theo đối tác", alt
    )


def property_growth(edition: Edition):
    """Patent applications and certificates of Vietnamese owners by strategic technology group."""
    found = breakdown(edition, "vn_strategic_applications_growth", "tech_group")
    rows = []
    for _, row in found.iterrows():
        label = edition.figures.write(edition.figures.of_row(row), markup=False)
        rows.append(
            {"name": wording.capital(edition.catalogue.dims_label(row["dims"])), "value": row["value"], "label": label}
        )
    frame = pd.DataFrame(rows).sort_values("value", ascending=False, kind="stable")
    title = f"Đơn sáng chế tăng nhanh nhất ở {frame['name'].iloc[0][:1].lower() + frame['name'].iloc[0][1:]} ({frame['label'].iloc[0]})"
    alt = "Biểu đồ thanh: " + "; ".join(f"{r.name} {r.label}" for r in frame.itertuples(index=False)) + f". {title}."
    when = wording.period(found["period"].iloc[0])
    return (lambda size: basic.bars(frame, highlight=[frame["name"].iloc[0]], size=size)), words(
        title,
        f"Tốc độ tăng đơn đăng ký sáng chế, giải pháp hữu ích của chủ thể Việt Nam (%), {when}",
        "Đơn sáng chế theo nhóm công nghệ chiến lược",
        alt,
    )
