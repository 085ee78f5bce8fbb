"""The charts of the periodic review: each takes an edition and returns a drawing and its words.

A drawing is a function of the chart's size (:class:`nq57lab.charts.Size`), so that one set of figures serves page and
phone. Figures come from the edition's book, so that every label is traced; titles state the finding from the same figures.
"""

import pandas as pd

from nq57lab import charts, formulas, periods, wording
from nq57lab.briefing.document import Edition, MissingFigure

Words = dict[str, str]
NO_BREAK = wording.NO_BREAK


def _put(edition: Edition, expression: str, **options) -> tuple[float, str]:
    """Return a figure's value and its label."""
    figure = edition.figures.get(expression, **options)
    if figure.missing:
        raise MissingFigure(expression)
    return figure.value, edition.figures.write(figure, markup=False)


def _breakdown(edition: Edition, subject: str, dim: str) -> pd.DataFrame:
    """Return the rows of a breakdown, or raise when there are none."""
    rows = edition.figures.lookup.breakdown(formulas.Reference(subject), dim)
    if rows.empty:
        raise MissingFigure(subject)
    return rows


def _series(edition: Edition, subject: str) -> pd.DataFrame:
    """Return a subject's rows, oldest first, or raise when there are none."""
    rows = edition.figures.lookup.rows(formulas.Reference(subject))
    if rows.empty:
        raise MissingFigure(subject)
    return rows


def _words(title: str, subtitle: str, caption: str, alt: str) -> Words:
    return {"title": title, "subtitle": subtitle, "caption": caption, "alt": alt}


def dossiers(edition: Edition):
    """Figure 1: online, digitised and reused dossiers, provinces against ministries."""
    near, far = "Cấp địa phương", "Bộ, ngành"
    rows = []
    for name, subject in (
        ("Hồ sơ trực tuyến", "dossiers_online_rate"),
        ("Số hóa hồ sơ", "dossiers_digitised_rate"),
        ("Tái sử dụng dữ liệu", "dossiers_data_reuse_rate"),
    ):
        for series, area in ((near, "block:local"), (far, "block:ministries")):
            value, label = _put(edition, subject, area=area)
            rows.append({"name": name, "series": series, "value": value, "label": label})
    frame = pd.DataFrame(rows)
    wide = frame.pivot(index="name", columns="series", values="value")
    gap = (wide[near] - wide[far]).sort_values(ascending=False)
    title = f"Chênh lệch lớn nhất ở khâu {gap.index[0].lower()}: {wording.number(gap.iloc[0], 2)} điểm phần trăm"
    when = wording.period(edition.figures.get("dossiers_online_rate", area="block:local").period)
    alt = (
        "Biểu đồ điểm nối: "
        + "; ".join(f"{r.name}, {r.series.lower()} {r.label}" for r in frame.itertuples(index=False))
        + f". {title}."
    )
    return (lambda size: charts.dumbbells(frame, near=near, far=far, size=size)), _words(
        title, f"Tỷ lệ hồ sơ (%), {when}", "Hồ sơ trực tuyến, số hóa và tái sử dụng dữ liệu (Hình 1 của dự thảo)", alt
    )


def _split(edition: Edition, rows: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    """Rows (name, state, expression, area) as a frame for :func:`charts.parts`."""
    result = []
    for name, state, expression, area in rows:
        value, label = _put(edition, expression, area=area)
        result.append({"name": name, "state": state, "value": value, "label": label.split(NO_BREAK)[0]})
    return pd.DataFrame(result)


def _alt_parts(frame: pd.DataFrame) -> str:
    return "; ".join(f"{row.name}: {row.state.lower()} {row.label}" for row in frame.itertuples(index=False))


def network(edition: Edition):
    """Figure 2: security-network points and the Party's terminals."""
    done, left = "Đã có", "Còn thiếu"
    party = "block:party"
    frame = _split(
        edition,
        [
            ("Điểm kết nối Mạng bảo mật", done, "secure_network_points", "VN"),
            ("Điểm kết nối Mạng bảo mật", left, "secure_network_points_remaining", "VN"),
            ("Thiết bị đầu cuối khối Đảng", done, "party_terminals_installed", party),
            ("Thiết bị đầu cuối khối Đảng", left, "party_terminals_planned - party_terminals_installed", party),
        ],
    )
    _, rate = _put(edition, "party_terminals_rate", area=party)
    _, network_rate = _put(edition, "secure_network_completion_rate")
    title = f"Mạng bảo mật đạt {network_rate.removeprefix('khoảng ')}, thiết bị đầu cuối khối Đảng mới đạt {rate}"
    alt = f"Biểu đồ thanh chia phần: {_alt_parts(frame)}. {title}."
    return (lambda size: charts.parts(frame, states=[done, left], size=size)), _words(
        title,
        "Số điểm kết nối (đến ngày 30/5/2026; coi số điểm còn lại là ngoài số đã kết nối) và số thiết bị; mỗi thanh bằng 100%",
        "Mạng bảo mật liên thông và thiết bị đầu cuối (Hình 2 của dự thảo)",
        alt,
    )


def villages(edition: Edition):
    """Figure 3: 5G coverage and villages without signal."""
    rows = []
    for name, subject in (
        ("Đã phủ sóng năm 2025", "villages_covered"),
        ("Chưa có điện lưới", "villages_no_grid"),
        ("Đang phân loại, xác định phương án", "villages_unclassified"),
    ):
        value, label = _put(edition, subject)
        rows.append({"name": name, "value": value, "label": label})
    frame = pd.DataFrame(rows)
    _, coverage = _put(edition, "M.04")
    rest = frame["value"].iloc[1:].sum()
    title = f"5G phủ {coverage} dân số, còn {wording.number(rest)} thôn lõm sóng chưa xử lý xong"
    alt = (
        "Biểu đồ thanh số thôn: "
        + "; ".join(f"{r.name.lower()} {r.label}" for r in frame.itertuples(index=False))
        + f". {title}."
    )

    def chart(size: charts.Size):
        return charts.bars(
            frame, highlight=["Chưa có điện lưới", "Đang phân loại, xác định phương án"], sort=False, size=size
        )

    return chart, _words(
        title,
        "Số thôn lõm sóng theo tình trạng, tháng 6/2026",
        "Thôn lõm sóng theo tình trạng xử lý (Hình 3 của dự thảo)",
        alt,
    )


def platforms(edition: Edition):
    """Figure 4: platforms and systems by block."""
    done, left = "Đã đưa vào sử dụng", "Chưa"
    party = "block:party"
    listed = "[platform_list=qd2618]"
    frame = _split(
        edition,
        [
            ("Hệ thống Đề án 204 (khối Đảng)", done, "party_systems_in_use", party),
            ("Hệ thống Đề án 204 (khối Đảng)", left, "party_systems_planned - party_systems_in_use", party),
            ("Quy trình nghiệp vụ khối Đảng", done, "party_processes_digitised", party),
            ("Quy trình nghiệp vụ khối Đảng", left, "party_processes_total - party_processes_digitised", party),
            ("Danh mục nền tảng cũ (84)", done, f"shared_platforms_in_use{listed}", "VN"),
            (
                "Danh mục nền tảng cũ (84)",
                left,
                f"shared_platforms_listed[platform_list=qd2618; period=2025-09-11] - shared_platforms_in_use{listed}",
                "VN",
            ),
        ],
    )
    frame["name"] = frame["name"].replace({"Danh mục nền tảng cũ (84)": "Danh mục nền tảng quốc gia cũ"})
    used, _ = _put(edition, f"shared_platforms_in_use{listed}")
    total, _ = _put(edition, f"shared_platforms_listed{listed}")
    title = f"Danh mục nền tảng quốc gia cũ mới có {wording.number(used)}/{wording.number(total)} nền tảng được sử dụng"
    alt = f"Biểu đồ thanh chia phần: {_alt_parts(frame)}. {title}."
    subtitle = "Số hệ thống, quy trình, nền tảng, tháng 6/2026; mỗi thanh bằng 100%. Danh mục mới ban hành ngày 24/6/2026 chưa có số liệu tình trạng"
    return (lambda size: charts.parts(frame, states=[done, left], size=size)), _words(
        title, subtitle, "Nền tảng số: khối Đảng và danh mục quốc gia (Hình 4 của dự thảo)", alt
    )


def databases(edition: Edition):
    """Figure 5: databases connected, by list."""
    done, left = "Đã kết nối, đồng bộ", "Chưa kết nối"
    rows = []
    for name, key in (("Kế hoạch 02", "plan02"), ("Nghị quyết 11", "nq11")):
        rows += [
            (name, done, f"databases_connected[database_list={key}]", "VN"),
            (name, left, f"databases_not_connected[database_list={key}]", "VN"),
        ]
    frame = _split(edition, rows)
    shares = {
        name: group["value"].iloc[0] / group["value"].sum() * 100 for name, group in frame.groupby("name", sort=False)
    }
    title = "Khoảng hai phần ba" if all(60 <= share <= 70 for share in shares.values()) else "Một phần"
    title += " cơ sở dữ liệu của mỗi danh mục đã kết nối, đồng bộ"
    alt = f"Biểu đồ thanh chia phần: {_alt_parts(frame)}. {title}."
    return (lambda size: charts.parts(frame, states=[done, left], size=size)), _words(
        title,
        "Số cơ sở dữ liệu theo danh mục, tháng 6/2026; mỗi thanh bằng 100%",
        "Kết nối, đồng bộ cơ sở dữ liệu (Hình 5 của dự thảo)",
        alt,
    )


def criteria(edition: Edition):
    """Figure 6: criteria met by each connected database, of 19."""
    found = _breakdown(edition, "database_criteria_met", "item")
    total, _ = _put(edition, "database_criteria_total")
    rows = []
    for _, row in found.iterrows():
        label = edition.figures.write(edition.figures.of_row(row), unit=False, markup=False)
        rows.append(
            {
                "name": edition.catalogue.names[row["item"]],
                "value": row["value"],
                "label": f"{label}/{wording.number(total)}",
            }
        )
    frame = pd.DataFrame(rows)
    short = frame[frame["value"] < total]
    title = f"{len(short)} trong {len(frame)} cơ sở dữ liệu đã kết nối còn thiếu tiêu chí"
    alt = "Biểu đồ thanh: " + "; ".join(f"{r.name} {r.label}" for r in frame.itertuples(index=False)) + f". {title}."

    def chart(size: charts.Size):
        return charts.bars(frame, highlight=short["name"].tolist(), size=size)

    return chart, _words(
        title,
        "Số tiêu chí đáp ứng trên 19 tiêu chí, cơ sở dữ liệu theo Kế hoạch 02, tháng 6/2026",
        "Tiêu chí đáp ứng của từng cơ sở dữ liệu (Hình 6 của dự thảo)",
        alt,
    )


def digital_economy(edition: Edition):
    """Figure 7: the digital economy's share, its path to the 2030 target, and its vintages."""
    history = _series(edition, "A.02.02")
    history = history[history["period"].str.fullmatch(r"\d{4}")]
    labels = [edition.figures.write(edition.figures.of_row(row), markup=False) for _, row in history.iterrows()]
    frame = pd.DataFrame({"year": history["period"].astype(int), "value": history["value"], "label": labels})
    progress = edition.progress[edition.progress["id"] == "T2030.digital_economy.S002"].iloc[0]
    goal = wording.target(progress["comparator"], progress["target"], progress["target_high"], progress["unit"])
    goal = edition.figures.note(goal, progress["target"], rows=("targets.csv",), source="S002", markup=False)
    now = frame.iloc[-1]
    required = pd.DataFrame({"year": [now["year"], 2030], "value": [now["value"], progress["target"]]})
    target = pd.DataFrame({"year": [2030], "value": [progress["target"]], "label": [f"mục tiêu {goal}"]})
    every = edition.all_rows.query("subject == 'A.02.02' and area == 'VN'")
    every = every[every["period"].str.fullmatch(r"\d{4}") & (every["vintage_end"] <= pd.Timestamp(edition.known))]
    others = every[~every["id"].isin(history["id"])].drop_duplicates(["period", "value"])
    others = others.merge(history[["period", "value"]].rename(columns={"value": "used"}), on="period")
    others = others[(others["value"] - others["used"]).abs() > 1e-9]
    older = pd.DataFrame(
        {
            "year": others["period"].astype(int),
            "value": others["value"],
            "label": [f"{wording.number(v, 2)}%" for v in others["value"]],
        }
    )
    shown = frame.assign(label=[label if place == len(frame) - 1 else "" for place, label in enumerate(labels)])
    pace = wording.number(progress["required"], 1)
    title = f"Kinh tế số bằng {labels[-1]} GDP năm {int(now['year'])}; mỗi năm phải thêm {pace} điểm phần trăm để đạt mục tiêu"
    subtitle = "Tỷ trọng giá trị tăng thêm của kinh tế số trong GDP (%), cả nước. Nét đứt: đường thẳng tới mục tiêu; điểm rỗng: số của đợt công bố khác"
    listed = "; ".join(f"năm {r.year} {r.label}" for r in frame.itertuples(index=False))
    alt = f"Biểu đồ đường {int(frame['year'].min())} - 2030: {listed}; {goal} năm 2030. {title}."
    return (lambda size: charts.path(shown, required, target, others=older, size=size)), _words(
        title, subtitle, "Kinh tế số trong GDP và đường tới mục tiêu năm 2030 (Hình 7 của dự thảo)", alt
    )


def money(edition: Edition):
    """Figure 8: budget, allocated, estimate, disbursed; then estimate and disbursed by pillar, on one scale."""
    day = edition.figures.get("sti_budget_estimate").period
    shown = [
        ("Tổng kinh phí năm 2026", "sti_budget_total[period=2026]"),
        ("Đã phân bổ", "sti_budget_allocated[period=2026-06]"),
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
        value, label = _put(edition, expression, period=day, unit="nghìn tỷ đồng", decimals=2)
        rows.append({"name": name, "value": value, "label": label.split(NO_BREAK)[0]})
    frame = pd.DataFrame(rows)
    _, rate = _put(edition, "disbursement_rate")
    share, _ = _put(
        edition, "sum_over(sti_disbursed, pillar) / sti_budget_total[period=2026] * 100", period=day, unit="%"
    )
    title = f"Đã giải ngân {rate} dự toán, bằng {wording.number(share, 1)}% tổng kinh phí năm"
    alt = "Biểu đồ thanh (nghìn tỷ đồng): " + "; ".join(
        f"{r.name.lower()} {r.label}" for r in frame.itertuples(index=False)
    )
    paid = [name for name, _ in shown if "giải ngân" in name.lower()]
    return (lambda size: charts.bars(frame, highlight=paid, sort=False, size=size)), _words(
        title,
        f"Kinh phí khoa học, công nghệ, đổi mới sáng tạo và chuyển đổi số năm 2026 (nghìn tỷ đồng), {wording.period(day)}",
        "Kinh phí: tổng số, phân bổ, dự toán, giải ngân và theo trụ cột (Hình 8 của dự thảo)",
        f"{alt}. {title}.",
    )


def enterprises(edition: Edition):
    """Enterprises by state of registration."""
    rows = []
    found = _breakdown(edition, "sti_enterprises_by_state", "state")
    for _, row in found.iterrows():
        label = edition.figures.write(edition.figures.of_row(row), unit=False, markup=False)
        rows.append(
            {"name": wording.capital(edition.catalogue.dims_label(row["dims"])), "value": row["value"], "label": label}
        )
    whole, total = _put(edition, "sti_enterprises")
    known = sum(row["value"] for row in rows)
    rows.append(
        {"name": "Chênh so với tổng số (tính toán)", "value": whole - known, "label": wording.number(whole - known)}
    )
    frame = pd.DataFrame(rows)
    active = wording.capital(edition.catalogue.dims_label("state=operating"))
    row = frame[frame["name"] == active].iloc[0]
    operating, share = row["label"], float(row["value"]) / whole * 100
    title = f"{operating} trong {total} đang hoạt động ({wording.number(share, 1)}%)"
    alt = (
        "Biểu đồ thanh: "
        + "; ".join(f"{r.name.lower()} {r.label}" for r in frame.itertuples(index=False))
        + f". {title}."
    )

    def chart(size: charts.Size):
        return charts.bars(frame, highlight=[active], size=size)

    return chart, _words(
        title,
        "Số doanh nghiệp khoa học, công nghệ, đổi mới sáng tạo và công nghệ số, tháng 6/2026",
        "Doanh nghiệp theo trạng thái",
        alt,
    )


def rankings(edition: Edition):
    """GII and EGDI ranks over time."""
    frames = []
    for name, subject in (("GII", "A.02.06"), ("EGDI", "egdi_rank")):
        found = _series(edition, subject)
        found = found[found["period"].str.fullmatch(r"\d{4}")]
        labels = [edition.figures.write(edition.figures.of_row(row), markup=False) for _, row in found.iterrows()]
        years = found["period"].astype(int)
        frames.append(
            pd.DataFrame(
                {
                    "year": years,
                    "value": found["value"],
                    "series": name,
                    "label": [f"{name}: hạng {text}" for text in labels],
                    "last": years == years.max(),
                }
            )
        )
    frame = pd.concat(frames, ignore_index=True)
    ends = frame[frame["last"]].set_index("series")
    firsts = frame.drop_duplicates("series").set_index("series")
    title = "; ".join(
        f"{name} từ hạng {int(firsts.at[name, 'value'])} ({firsts.at[name, 'year']}) lên hạng {int(ends.at[name, 'value'])} ({ends.at[name, 'year']})"
        for name in ends.index
    )
    alt = (
        "Biểu đồ đường thứ hạng (hạng 1 ở trên): "
        + "; ".join(f"{r.series} năm {r.year} hạng {int(r.value)}" for r in frame.itertuples(index=False))
        + "."
    )
    return (lambda size: charts.ranks(frame, size=size)), _words(
        title,
        "Thứ hạng của Việt Nam; GII: đổi mới sáng tạo toàn cầu, EGDI: phát triển Chính phủ điện tử; số nhỏ hơn là tốt hơn",
        "Thứ hạng GII và EGDI qua các năm",
        alt,
    )


def coverage_5g(edition: Edition):
    """5G coverage over time; values whose base the source does not state are hollow."""
    frames = []
    for found in (_series(edition, "M.04"), edition.figures.lookup.breakdown(formulas.Reference("M.04"), "basis")):
        labels = [edition.figures.write(edition.figures.of_row(row), markup=False) for _, row in found.iterrows()]
        days = [periods.end(text) for text in found["period"]]
        when = [wording.period(text) for text in found["period"]]
        frames.append(pd.DataFrame({"day": days, "value": found["value"].to_numpy(), "label": labels, "when": when}))
    frame, apart = frames
    first, last = frame.iloc[0], frame.iloc[-1]
    title = f"Từ {first['label']} ({first['when']}) lên {last['label']} dân số ({last['when']})"
    listed = "; ".join(f"{row.when} {row.label}" for row in frame.itertuples(index=False))
    return (lambda size: charts.steps(frame, others=apart, size=size)), _words(
        title,
        "Tỷ lệ dân số được phủ sóng 5G (%), cả nước; điểm rỗng: nguồn không nêu tính theo dân số hay diện tích",
        "Phủ sóng 5G theo thời gian (Hình 3 của dự thảo)",
        f"Biểu đồ đường: {listed}.",
    )


def partners(edition: Edition):
    """Agreements by partner."""
    found = _breakdown(edition, "strategic_agreements_signed", "partner")
    rows = []
    for _, row in found.iterrows():
        label = edition.figures.write(edition.figures.of_row(row), unit=False, markup=False)
        rows.append({"name": edition.catalogue.dims_label(row["dims"]), "value": row["value"], "label": label})
    frame = pd.DataFrame(rows).sort_values("value", ascending=False, kind="stable")
    top = frame.head(2)
    share = top["value"].sum() / frame["value"].sum() * 100
    title = f"{wording.join(top['name'])} chiếm {wording.number(share, 0)}% số thỏa thuận"
    when = wording.period(found["period"].iloc[0])
    alt = "Biểu đồ thanh: " + "; ".join(f"{r.name} {r.label}" for r in frame.itertuples(index=False)) + f". {title}."
    return (lambda size: charts.bars(frame, highlight=top["name"].tolist(), size=size)), _words(
        title, f"Số cam kết, thỏa thuận về KHCN, ĐMST, CĐS theo đối tác, {when}", "Thỏa thuận quốc tế theo đối tác", alt
    )


def property_growth(edition: Edition):
    """Patent applications and certificates of Vietnamese owners by strategic technology group."""
    found = _breakdown(edition, "vn_strategic_applications_growth", "tech_group")
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
    return (lambda size: charts.bars(frame, highlight=[frame["name"].iloc[0]], size=size)), _words(
        title,
        f"Tốc độ tăng đơn đăng ký sáng chế, giải pháp hữu ích của chủ thể Việt Nam (%), {when}",
        "Đơn sáng chế theo nhóm công nghệ chiến lược",
        alt,
    )
