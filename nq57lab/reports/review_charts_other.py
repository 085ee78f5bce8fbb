"""The charts of the periodic review on money, enterprises, rankings, 5G, partners and patents.

As in :mod:`nq57lab.reports.review_charts`, each takes an edition and returns a drawing and its words.
"""

from typing import Any

import pandas as pd

from nq57lab.base import formulas, periods, wording
from nq57lab.charts import basic
from nq57lab.documents.edition import UNVERIFIED, Edition, alternative, words
from nq57lab.facts import vintages
from nq57lab.reports.review_charts import NO_BREAK, breakdown, mark, put, series
from nq57lab.targets import pages as target_pages
from nq57lab.targets.figures import value_and_goal

DONE, LEFT = "đã làm", "còn lại"


def money(edition: Edition, *, pillars: bool = True):
    """Figure 8: from budget to what is allocated, estimated and disbursed; then (``pillars``) by pillar; on one scale."""
    day = edition.figures.get("sti_budget_estimate").period
    paid, estimate = "sum_over(sti_disbursed, pillar)", "sti_budget_estimate"
    allocated, whole = "sti_budget_allocated[period=2026-06-30]", "sti_budget_total[period=2026]"
    steps = [
        ("Tổng kinh phí năm 2026", whole, ""),
        ("Đã phân bổ", allocated, whole),
        ("Đã giao dự toán", estimate, allocated),
        ("Đã giải ngân", paid, estimate),
    ]
    listed = (("Khoa học, công nghệ", "KHCN"), ("Đổi mới sáng tạo", "DMST"), ("Chuyển đổi số", "CDS"))
    for name, key in listed if pillars else ():
        steps.append((f"{name}: đã giải ngân", f"sti_disbursed[pillar={key}]", f"sti_budget_estimate[pillar={key}]"))
    options = {"period": day, "unit": "nghìn tỷ đồng", "decimals": 2}
    rows: list[dict[str, Any]] = []
    for name, expression, before in steps:
        meaning = "done" if before else "context"
        rows.append({"name": name, "state": DONE, "meaning": meaning, **mark(edition, expression, **options)})
        rows[-1]["label"] = rows[-1]["label"].split(NO_BREAK)[0]
        if before:
            _, share = put(edition, f"{expression} / ({before}) * 100", period=day, unit="%", decimals=1)
            rows[-1]["label"] += f" ({share})"
            left = mark(edition, f"{before} - {expression}", **options)
            left["label"] = f"còn {left['label'].split(NO_BREAK)[0]}"
            rows.append({"name": name, "state": LEFT, "meaning": "missing", **left})
    frame = pd.DataFrame(rows)
    _, rate = put(edition, "disbursement_rate")
    _, share = put(edition, f"{paid} / {whole} * 100", period=day, unit="%", decimals=1)
    title = f"Đã giải ngân {rate} dự toán đã giao, bằng {share} tổng kinh phí năm"
    alt = "Biểu đồ thanh lồng nhau (nghìn tỷ đồng): " + "; ".join(
        f"{name}: {', '.join(part['label'])}" for name, part in frame.groupby("name", sort=False)
    )
    subtitle = (
        f"Kinh phí khoa học, công nghệ, đổi mới sáng tạo và chuyển đổi số năm 2026 (nghìn tỷ đồng), {wording.period(day)}. "
        "Xanh: đã làm, trong ngoặc là phần của bước liền trước; cam: phần của bước liền trước còn lại"
    )
    return (lambda size: basic.parts(frame, states=[DONE, LEFT], shares=False, named_states=False, size=size)), words(
        title, subtitle, "Kinh phí: từ tổng số đến giải ngân, và theo trụ cột", f"{alt}. {title}."
    )


def enterprises(edition: Edition):
    """Enterprises by state of registration."""
    found = breakdown(edition, "sti_enterprises_by_state", "state")
    every = "sum_over(sti_enterprises_by_ownership, ownership)"
    options = {"period": found["period"].iloc[0]}
    rows = []
    for _, row in found.iterrows():
        figure = edition.figures.of_row(row)
        label = edition.figures.write(figure, unit=False, markup=False)
        _, share = put(edition, f"sti_enterprises_by_state[{row['dims']}] / {every} * 100", decimals=1, **options)
        name = wording.capital(edition.catalogue.dims_label(row["dims"]))
        rows.append(
            {
                "name": name,
                "value": row["value"],
                "label": f"{label} ({share})",
                "number": label,
                "share": share,
                "told": figure.status in UNVERIFIED,
                "dims": row["dims"],
            }
        )
    _, total = put(edition, "sti_enterprises")
    _, apart = put(edition, f"{every} - sum_over(sti_enterprises_by_state, state)", **options)
    frame = pd.DataFrame(rows)
    active = frame[frame["dims"] == "state=operating"].iloc[0]
    title = f"{active['number']} trong {total} đang hoạt động ({active['share']})"
    alt = alternative("Biểu đồ thanh", frame["name"].str.lower() + " " + frame["label"], title)
    subtitle = f"Số doanh nghiệp khoa học, công nghệ, đổi mới sáng tạo và công nghệ số và phần trong tổng số, tháng 6/2026; nguồn không nêu trạng thái của {apart}"
    return (lambda size: basic.bars(frame, highlight=[active["name"]], size=size)), words(
        title, subtitle, "Doanh nghiệp theo trạng thái", alt
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
    frame["first"] = ""
    ends = frame[frame["last"]].set_index("series")
    newest = frame[frame["part"].isin(ends["part"])]  # what is said of the way goes over no break
    begins = newest.drop_duplicates("series")
    frame.loc[begins.index, "first"] = begins["label"].str.split(": ").str[-1]
    firsts = begins.set_index("series")
    title = "; ".join(
        f"{name} từ hạng {int(firsts.at[name, 'value'])} ({firsts.at[name, 'year']}) lên hạng {int(ends.at[name, 'value'])} ({ends.at[name, 'year']})"
        for name in ends.index
    )
    alt = (
        "Biểu đồ đường thứ hạng (hạng 1 ở trên): "
        + "; ".join(f"{r.series} năm {r.year} hạng {int(r.value)}" for r in frame.itertuples(index=False))
        + "."
    )
    subtitle = "Thứ hạng của Việt Nam; GII: đổi mới sáng tạo toàn cầu, EGDI: phát triển Chính phủ điện tử; số nhỏ hơn là tốt hơn"
    caption = "Thứ hạng GII và EGDI qua các năm"
    return (lambda size: basic.ranks(frame, size=size)), words(title, subtitle, caption, alt)


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
        about = {"value": found["value"].to_numpy(), "part": found["segment"].to_numpy()}
        own = found["status"].isin(UNVERIFIED).to_numpy()
        frames.append(pd.DataFrame({"day": days, "label": labels, "when": when, "told": own, **about}))
    frame, apart = frames
    first, last = frame.iloc[0], frame.iloc[-1]
    title = f"{wording.capital(last['label'])} dân số được phủ sóng 5G ({last['when']})"
    title += f", từ {first['label']} ({first['when']})" if len(frame) > 1 and first["part"] == last["part"] else ""
    listed = "; ".join(f"{row.when} {row.label}" for row in pd.concat([apart, frame]).itertuples(index=False))
    target, goal = _goal_5g(edition)
    subtitle = "Tỷ lệ dân số được phủ sóng 5G (%), cả nước; điểm xám: nguồn khác, chưa rõ có cùng định nghĩa hay không nên không nối"
    caption = "Phủ sóng 5G theo thời gian"
    alt = f"Biểu đồ điểm: {listed}{goal}."
    return (lambda size: basic.steps(frame, others=apart, target=target, size=size)), words(
        title, subtitle, caption, alt
    )


def _goal_5g(edition: Edition) -> tuple[pd.DataFrame | None, str]:
    """Return the numeric target of the coverage as a row to draw, and in words; none where there is none."""
    progress = target_pages.tracked(edition).progress
    rows = progress[(progress["indicator"] == "M.04") & progress["aim"].notna() & (progress["row"] != "")]
    if rows.empty:
        return None, ""
    _, goal = value_and_goal(edition, rows.iloc[0])
    when = str(rows["milestone"].iloc[0])
    label = f"mục tiêu {when}:\n{goal}"
    return pd.DataFrame({"value": [float(rows["aim"].iloc[0])], "label": [label]}), f"; mục tiêu năm {when} {goal}"


def partners(edition: Edition):
    """Agreements by partner."""
    found = breakdown(edition, "strategic_agreements_signed", "partner")
    rows = []
    for _, row in found.iterrows():
        label = edition.figures.write(edition.figures.of_row(row), unit=False, markup=False)
        name = edition.catalogue.dims_label(row["dims"])
        own = row["status"] in UNVERIFIED
        rows.append({"name": name, "value": row["value"], "label": label, "dims": row["dims"], "told": own})
    frame = pd.DataFrame(rows).sort_values("value", ascending=False, kind="stable")
    top = frame.head(2)
    period = found["period"].iloc[0]
    first, second = (f"strategic_agreements_signed[{dims}]" for dims in top["dims"])
    expression = f"({first} + {second}) / sum_over(strategic_agreements_signed, partner) * 100"
    _, share = put(edition, expression, period=period, decimals=0)
    title = f"{wording.join(top['name'])} chiếm {share} số thỏa thuận"
    when = wording.period(period)
    alt = alternative("Biểu đồ thanh", frame["name"] + " " + frame["label"], title)
    return (lambda size: basic.bars(frame, highlight=top["name"].tolist(), size=size)), words(
        title, f"Số cam kết, thỏa thuận về KHCN, ĐMST, CĐS theo đối tác, {when}", "Thỏa thuận quốc tế theo đối tác", alt
    )


def property_growth(edition: Edition):
    """Growth of patent applications and certificates of Vietnamese owners by strategic technology group, beside the whole's."""
    measures = {
        "vn_strategic_applications_growth": "Đơn đăng ký tăng",
        "vn_strategic_certificates_growth": "Văn bằng được cấp tăng",
    }
    frames = []
    for subject, panel in measures.items():
        found = breakdown(edition, subject, "tech_group")
        period = found["period"].iloc[0]
        whole, whole_label = put(edition, subject, period=period)
        for _, row in found.iterrows():
            figure = edition.figures.of_row(row)
            about = {
                "name": wording.capital(edition.catalogue.dims_label(row["dims"])),
                "panel": panel,
                "whole": whole,
                "whole_label": f"chung {whole_label}",
            }
            label = edition.figures.write(figure, markup=False)
            frames.append(about | {"value": row["value"], "label": label, "told": figure.status in UNVERIFIED})
    panels = list(measures.values())
    frame = pd.DataFrame(frames)
    order = frame[frame["panel"] == panels[0]].sort_values("value", ascending=False, kind="stable")["name"].tolist()
    frame = frame.sort_values("name", key=lambda names: names.map(order.index), kind="stable", ignore_index=True)
    first = frame[frame["name"] == order[0]].set_index("panel")["label"]
    title = f"Đơn sáng chế tăng nhanh nhất ở {order[0][:1].lower()}{order[0][1:]}: đơn {first[panels[0]]}, văn bằng {first[panels[1]]}"
    alt = "Biểu đồ thanh hai cột: " + "; ".join(
        f"{name}, đơn {part['label'].iloc[0]}, văn bằng {part['label'].iloc[1]}"
        for name, part in frame.groupby("name", sort=False)
    )
    subtitle = f"Tốc độ tăng đơn và văn bằng sáng chế, giải pháp hữu ích của chủ thể Việt Nam (%), {wording.period(period)}; nét đứt: chung các nhóm. Nguồn không nêu số đơn, số văn bằng của từng nhóm"
    return (lambda size: basic.beside(frame, panels=panels, size=size)), words(
        title, subtitle, "Đơn và văn bằng sáng chế theo nhóm công nghệ chiến lược", f"{alt}. {title}."
    )
