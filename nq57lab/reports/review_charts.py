"""The charts of the periodic review on digital transformation (the draft's figures 1–7): each takes an edition and returns a drawing and its words.

A drawing is a function of the chart's size (:class:`nq57lab.charts.basic.Size`), so that one set of figures serves page and
phone. Figures come from the edition's book, so that every label is traced; titles state the finding from the same figures.
"""

from typing import Any

import pandas as pd

from nq57lab.base import formulas, wording
from nq57lab.charts import basic
from nq57lab.documents.edition import UNVERIFIED, Edition, MissingFigure, alternative, words
from nq57lab.targets import pages as target_pages

NO_BREAK = wording.NO_BREAK


def put(edition: Edition, expression: str, **options) -> tuple[float, str]:
    """Return a figure's value and its label."""
    figure = edition.figures.get(expression, **options)
    if figure.missing:
        raise MissingFigure(expression)
    return figure.value, edition.figures.write(figure, markup=False)


def mark(edition: Edition, expression: str, **options) -> dict[str, Any]:
    """Return a figure's mark in a chart: value, label, and told, whether it is unverified (self-reported, estimated): hatched or hollow."""
    value, label = put(edition, expression, **options)
    own = edition.figures.get(expression, **options).status in UNVERIFIED
    return {"value": value, "label": label, "told": own}


def breakdown(edition: Edition, subject: str, dim: str) -> pd.DataFrame:
    """Return the rows of a breakdown, or raise when there are none."""
    rows = edition.figures.lookup.breakdown(formulas.Reference(subject), dim)
    if rows.empty:
        raise MissingFigure(subject)
    return rows


def series(edition: Edition, subject: str) -> pd.DataFrame:
    """Return a subject's rows, oldest first, or raise when there are none."""
    rows = edition.figures.lookup.rows(formulas.Reference(subject))
    if rows.empty:
        raise MissingFigure(subject)
    return rows


def dossiers(edition: Edition):
    """Figure 1: online, digitised and reused dossiers, provinces against ministries."""
    near, far = "Cấp địa phương", "Bộ, ngành"
    subjects = {
        "Hồ sơ trực tuyến": "dossiers_online_rate",
        "Số hóa hồ sơ": "dossiers_digitised_rate",
        "Tái sử dụng dữ liệu": "dossiers_data_reuse_rate",
    }
    rows = []
    for name, subject in subjects.items():
        for series, area in ((near, "block:local"), (far, "block:ministries")):
            rows.append({"name": name, "series": series, **mark(edition, subject, area=area)})
    frame = pd.DataFrame(rows)
    wide = frame.pivot(index="name", columns="series", values="value")
    widest = str((wide[near] - wide[far]).abs().idxmax())
    subject = subjects[widest]
    _, gap = put(edition, f"{subject}[area=block:local] - {subject}[area=block:ministries]")
    title = f"Chênh lệch lớn nhất ở khâu {widest.lower()}: {gap}"
    when = wording.period(edition.figures.get("dossiers_online_rate", area="block:local").period)
    listed = (f"{r.name}, {r.series.lower()} {r.label}" for r in frame.itertuples(index=False))
    alt = alternative("Biểu đồ điểm nối", listed, title)
    return (lambda size: basic.dumbbells(frame, near=near, far=far, size=size)), words(
        title, f"Tỷ lệ hồ sơ (%), {when}", "Hồ sơ trực tuyến, số hóa và tái sử dụng dữ liệu", alt
    )


def _split(edition: Edition, rows: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    """Rows (name, state, expression, area) as a frame for :func:`charts.parts`."""
    marks = [
        {"name": name, "state": state, **mark(edition, expression, area=area)} for name, state, expression, area in rows
    ]
    return pd.DataFrame([row | {"label": row["label"].split(NO_BREAK)[0]} for row in marks])


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
    _, rate = put(edition, "party_terminals_rate", area=party)
    _, network_rate = put(edition, "secure_network_completion_rate")
    title = f"Mạng bảo mật đạt {network_rate.removeprefix('khoảng ')}, thiết bị đầu cuối khối Đảng mới đạt {rate}"
    alt = f"Biểu đồ thanh chia phần: {_alt_parts(frame)}. {title}."
    subtitle = "Số điểm kết nối (đến ngày 30/5/2026; coi số điểm còn lại là ngoài số đã kết nối) và số thiết bị; mỗi thanh bằng 100%"
    caption = "Mạng bảo mật liên thông và thiết bị đầu cuối"
    return (lambda size: basic.parts(frame, states=[done, left], size=size)), words(title, subtitle, caption, alt)


def villages(edition: Edition):
    """Figure 3: 5G coverage and villages without signal."""
    rows = []
    for name, subject, meaning in (
        ("Đã phủ sóng trong năm 2025", "villages_covered", "done"),
        ("Còn lại: đang phân loại, xác định phương án", "villages_unclassified", "missing"),
        ("Còn lại: chưa có điện lưới", "villages_no_grid", "missing"),
    ):
        rows.append({"name": name, "meaning": meaning, **mark(edition, subject)})
    frame = pd.DataFrame(rows)
    _, rest = put(edition, "villages_no_grid + villages_unclassified")
    number = frame["label"].str.split(NO_BREAK).str[0].tolist()
    title = f"Còn {rest} lõm sóng chưa xử lý xong: {number[1]} đang phân loại, {number[2]} chưa có điện lưới"
    listed = (f"{r.name[:1].lower()}{r.name[1:]} {r.label}" for r in frame.itertuples(index=False))
    alt = alternative("Biểu đồ thanh số thôn", listed, title)
    subtitle = "Số thôn lõm sóng, tháng 6/2026. Xanh: đã phủ; cam: còn lại"
    caption = "Thôn lõm sóng đã phủ và còn lại"
    return (lambda size: basic.bars(frame, sort=False, size=size)), words(title, subtitle, caption, alt)


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
    frame["name"] = frame["name"].replace({"Danh mục nền tảng cũ (84)": "Danh mục quốc gia trước đây"})
    used, _ = put(edition, f"shared_platforms_in_use{listed}")
    total, _ = put(edition, f"shared_platforms_listed{listed}")
    title = f"{wording.number(used)}/{wording.number(total)} nền tảng của danh mục quốc gia trước đây đã được sử dụng"
    alt = f"Biểu đồ thanh chia phần: {_alt_parts(frame)}. {title}."
    subtitle = "Số hệ thống, quy trình, nền tảng, tháng 6/2026; mỗi thanh bằng 100%. Danh mục mới ban hành ngày 24/6/2026 chưa có số liệu tình trạng"
    return (lambda size: basic.parts(frame, states=[done, left], size=size)), words(
        title, subtitle, "Nền tảng số: khối Đảng và danh mục quốc gia", alt
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
    subtitle = "Số cơ sở dữ liệu theo danh mục, tháng 6/2026; mỗi thanh bằng 100%"
    caption = "Kết nối, đồng bộ cơ sở dữ liệu"
    return (lambda size: basic.parts(frame, states=[done, left], size=size)), words(title, subtitle, caption, alt)


def criteria(edition: Edition):
    """Figure 6: criteria met by each connected database, of 19."""
    found = breakdown(edition, "database_criteria_met", "item")
    total, _ = put(edition, "database_criteria_total")
    owners = dict(zip(edition.catalogue.items["id"], edition.catalogue.items["owner"], strict=True))
    areas = dict(zip(edition.catalogue.areas["id"], edition.catalogue.areas["name_vi"], strict=True))
    rows = []
    for _, row in found.iterrows():
        figure = edition.figures.of_row(row)
        met = edition.figures.write(figure, unit=False, markup=False)
        lacking = float(total - row["value"])
        label = f"đủ {met}/{wording.number(total)}"
        if lacking:
            number = edition.computed(
                lacking, "tổng số tiêu chí − số tiêu chí đáp ứng", (row["id"],), status=figure.status, markup=False
            )
            label = f"thiếu {number} (đạt {met}/{wording.number(total)})"
        owner = areas.get(owners.get(row["item"], ""), "")
        name = edition.catalogue.names[row["item"]]
        rows.append(
            {
                "name": f"{name} – {owner}" if owner else name,
                "value": lacking,
                "label": label,
                "meaning": "missing",
                "told": figure.status in UNVERIFIED,
            }
        )
    frame = pd.DataFrame(rows)
    rows_used = tuple(found["id"])
    missing, connected = (
        edition.computed(len(part), how, rows_used, status="self_reported", markup=False)
        for part, how in (
            (frame[frame["value"] > 0], "đếm cơ sở dữ liệu chưa đủ tiêu chí"),
            (frame, "đếm cơ sở dữ liệu đã kết nối"),
        )
    )
    title = f"{missing} trong {connected} cơ sở dữ liệu đã kết nối còn thiếu tiêu chí"
    alt = alternative("Biểu đồ thanh", frame["name"] + " " + frame["label"], title)
    subtitle = f"Số tiêu chí còn thiếu trên {wording.number(total)} tiêu chí của từng cơ sở dữ liệu (CSDL) đã kết nối theo Kế hoạch 02, và cơ quan chủ quản, tháng 6/2026"
    caption = "Tiêu chí còn thiếu của từng cơ sở dữ liệu"
    return (lambda size: basic.bars(frame, size=size)), words(title, subtitle, caption, alt)


def digital_economy(edition: Edition):
    """Figure 7: the digital economy's share, its path to the 2030 target, and its vintages."""
    history = series(edition, "A.02.02")
    history = history[history["period"].str.fullmatch(r"\d{4}")]
    labels = [edition.figures.write(edition.figures.of_row(row), markup=False) for _, row in history.iterrows()]
    own = history["status"].isin(UNVERIFIED).to_numpy()
    frame = pd.DataFrame(
        {"year": history["period"].astype(int), "value": history["value"], "label": labels, "told": own}
    )
    progress = target_pages.tracked(edition).progress
    progress = progress[progress["id"] == "T2030.digital_economy.S002"].iloc[0]
    goal = wording.target(progress["comparator"], progress["target"], progress["target_high"], progress["unit"])
    goal = edition.figures.note(goal, progress["target"], rows=("targets.csv",), source="S002", markup=False)
    now = frame.iloc[-1]
    required = pd.DataFrame({"year": [now["year"], 2030], "value": [now["value"], progress["target"]]})
    target = pd.DataFrame({"year": [2030], "value": [progress["target"]], "label": [f"mục tiêu {goal}"]})
    every = edition.known_tables.entered_rows.query("subject == 'A.02.02' and area == 'VN'")
    every = every[every["period"].str.fullmatch(r"\d{4}")]
    others = every[~every["id"].isin(history["id"])].drop_duplicates(["period", "value"])
    others = others.merge(history[["period", "value"]].rename(columns={"value": "used"}), on="period")
    others = others[(others["value"] - others["used"]).abs() > 1e-9]
    older = pd.DataFrame(
        {
            "year": others["period"].astype(int),
            "value": others["value"],
            "label": [edition.figures.write(edition.figures.of_row(row), markup=False) for _, row in others.iterrows()],
        }
    )
    shown = frame.assign(label=[label if place in (0, len(frame) - 1) else "" for place, label in enumerate(labels)])
    pace = edition.figures.write(edition.figures.named["kinh-te-so-phai-tang"], markup=False)
    title = f"Kinh tế số bằng {labels[-1]} GDP năm {int(now['year'])}; từ đó mỗi năm phải thêm {pace} để đạt mục tiêu"
    required["label"] = f"đường phải đi: thêm {pace} mỗi năm"
    subtitle = "Tỷ trọng giá trị tăng thêm của kinh tế số trong GDP (%), cả nước. Vạch xám: số của đợt công bố khác"
    listed = "; ".join(f"năm {r.year} {r.label}" for r in frame.itertuples(index=False))
    alt = f"Biểu đồ đường {int(frame['year'].min())} - 2030: {listed}; {goal} năm 2030. {title}."
    return (lambda size: basic.path(shown, required, target, others=older, size=size)), words(
        title, subtitle, "Kinh tế số trong GDP và đường tới mục tiêu năm 2030", alt
    )
