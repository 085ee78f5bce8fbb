"""What a reader with three minutes gets: the judgement with its basis, the findings, what is asked of whom by when.

An edition and its followed targets in; plain objects out, whose texts are Markdown with traced numbers: the report's first page, slides and
the leaflet are arranged from the same ones. The words of findings and requests are in ``tom-tat.yml`` of the report's texts.
"""

import math
from dataclasses import dataclass

import pandas as pd
import yaml

from nq57lab.base import wording
from nq57lab.documents import templates
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts.figures import Figure
from nq57lab.reports import review, scorecard
from nq57lab.targets import evaluate as methods
from nq57lab.targets import pages
from nq57lab.targets.pages import Following

DATABASES = "C.07.01"  # the form that lists databases by name


@dataclass(frozen=True)
class Finding:
    """A finding: a short title for a slide, its sentence with figure and comparison (Markdown), the chart or table of the report that shows it."""

    title: str
    text: str
    chart: str = ""
    table: str = ""


@dataclass(frozen=True)
class Ask:
    """A request: the work (Markdown), the bodies that are asked, by when, and where that is laid down."""

    work: str
    bodies: tuple[str, ...]
    due: str
    source: str


@dataclass(frozen=True)
class Brief:
    """The judgement in a sentence, what it rests on, five to seven findings, the requests."""

    judgement: str
    basis: str
    findings: tuple[Finding, ...]
    asks: tuple[Ask, ...]


def count(edition: Edition, following: Following) -> None:
    """Count what the texts call by name: indicators with data, KPIs and targets that can be assessed."""
    a = edition.catalogue.indicators.query("layer == 'A'")["code"]
    have = [code for code in a if not review.newest(edition, code).missing]
    macro = scorecard.standings(edition, following)
    progress, goals = following.near.progress, following.quantities
    assessed = goals["verdict"] != "not_available"
    economy = progress[progress["id"] == "T2030.digital_economy.S002"]
    rows = tuple(edition.rows["id"][edition.rows["subject"].isin(have)])
    named = {
        "a-tong": (len(a), "số chỉ số lớp A trong danh mục", ("indicators.csv",)),
        "a-co-so-lieu": (len(have), "số chỉ số lớp A có số liệu", rows),
        "a-chua-co-so-lieu": (len(a) - len(have), "số chỉ số lớp A chưa có số liệu", rows or ("indicators.csv",)),
        "m-tong": (len(macro), "số KPI vĩ mô trong danh mục", ("indicators.csv",)),
        "m-co-so-lieu": (
            sum(not row.figure.missing for row in macro),
            "số KPI vĩ mô có số liệu",
            ("indicators.csv",),
        ),
        "m-danh-gia": (
            sum(row.verdict != "not_available" for row in macro),
            "số KPI vĩ mô đánh giá được",
            ("targets.csv",),
        ),
        "t-tong": (len(assessed), "số mục tiêu đến năm 2030 trong danh mục", ("targets.csv",)),
        "t-danh-gia": (int(assessed.sum()), "số mục tiêu đánh giá được", ("targets.csv",)),
    }
    for name, (value, how, inputs) in named.items():
        edition.figures.named[name] = edition.counted(value, how, inputs)
    if economy.empty:  # a programme without this target: what is called by these names is missing
        names = ("kinh-te-so-phai-tang", "kinh-te-so-phai-tang-tu-nay", "kinh-te-so-gap", "kinh-te-so-nam-toi")
        edition.figures.named |= {name: Figure(name, math.nan) for name in names}
        return
    for name, column in (("kinh-te-so-phai-tang", "required"), ("kinh-te-so-phai-tang-tu-nay", "required_now")):
        edition.figures.named[name] = pages.required_figure(edition, economy.iloc[0], column)
    edition.figures.named["kinh-te-so-gap"] = pages.multiple(edition, economy.iloc[0])
    edition.figures.named["kinh-te-so-nam-toi"] = pages.arrival(edition, economy.iloc[0])


def brief(edition: Edition, following: Following) -> Brief:
    """Return the brief of an edition; its numbers are noted in the trace under "tóm tắt".

    Raises
    ------
    ProblemError
        For a field of ``tom-tat.yml`` that is not understood.
    """
    edition.figures.place = "tom-tat"
    edition.place_names["tom-tat"] = "Tóm tắt"
    told = yaml.safe_load((edition.template_folder / "tom-tat.yml").read_text(encoding="utf-8"))
    said, basis = judgement(edition, following)
    findings = []
    for entry in told["phat_hien"]:
        text = templates.fill(entry["cau"], edition.figures, "tom-tat.yml").strip()
        if text:
            findings.append(Finding(entry["ten"], text, entry.get("hinh", ""), entry.get("bang", "")))
    asks = [_ask(edition, entry) for entry in told["de_nghi"]]
    return Brief(said, basis, tuple(findings), tuple(ask for ask in asks if ask.work))


def judgement(edition: Edition, following: Following) -> tuple[str, str]:
    """Return whether the Resolution is on its way, as far as the macro KPIs tell, and what that rests on.

    Notes
    -----
    Fewer than half of the KPIs with a verdict give no judgement on the whole; else most of the verdicts decide.
    """
    rows = scorecard.standings(edition, following)
    judged = [row for row in rows if row.verdict != "not_available"]
    slow = [row for row in judged if row.verdict_class != "on"]
    n, m = (edition.figures.write(edition.figures.named[name]) for name in ("m-danh-gia", "m-tong"))
    if not judged:
        said = f"Chưa thể kết luận tiến độ: chưa KPI nào trong {m} KPI vĩ mô đủ số liệu để đánh giá"
    elif 2 * len(judged) < len(rows):
        names = wording.join(wording.lowered(row.name) for row in (slow or judged))
        state = "chậm" if slow else "kịp"
        said = f"Chưa đủ căn cứ kết luận {edition.catalogue.programme.noun} đúng tiến độ: mới đánh giá được {n}/{m} KPI vĩ mô theo mục tiêu năm 2030, {names} đang {state}"
    else:
        state = "chậm" if 2 * len(slow) > len(judged) else "kịp"
        said = f"Phần lớn KPI vĩ mô đánh giá được đang {state} so với mục tiêu năm 2030 ({n}/{m} KPI đánh giá được)"
    goals = following.quantities
    judged_goals = goals[goals["verdict"] != "not_available"]
    counts = pd.Series([_state(*both) for both in judged_goals[["verdict", "verdict_class"]].to_numpy()]).value_counts()
    parts = [
        f"{edition.count(counts[state], f'số mục tiêu {state}', ('targets.csv',))} {state}"
        for state in ("đã đạt", "kịp tiến độ", "chậm")
        if state in counts
    ]
    have, whole = (edition.figures.write(edition.figures.named[name]) for name in ("t-danh-gia", "t-tong"))
    basis = (
        f"Căn cứ: số liệu công bố đến ngày {wording.day(edition.known)}; {have}/{whole} mục tiêu năm 2030 đánh giá được"
        + (f" ({', '.join(parts)})" if parts else "")
        + f", theo phương pháp {methods.METHODS[following.method]}, tạm thời."
    )
    return f"{said}.", basis


def _state(verdict: str, its_class: str) -> str:
    return "đã đạt" if verdict == "target_achieved" else "kịp tiến độ" if its_class == "on" else "chậm"


def unconnected(edition: Edition) -> pd.DataFrame:
    """Return the listed databases without a figure of their own criteria: those that are not connected (name, owner, source)."""
    items = edition.catalogue.items
    items = items[items["form"] == DATABASES]
    counted = edition.rows.loc[edition.rows["subject"] == "database_criteria_met", "item"]
    return items[~items["id"].isin(counted)] if len(counted) else items.iloc[:0]


def without_data(edition: Edition) -> pd.DataFrame:
    """Return the layer-A indicators without a figure of their own definition (rows of the catalogue)."""
    listed = edition.catalogue.indicators.query("layer == 'A'")
    return listed[[review.newest(edition, code).missing for code in listed["code"]]]


def _ask(edition: Edition, entry: dict) -> Ask:
    names = edition.catalogue.names
    chosen = entry.get("co_quan", "")
    tasks = edition.catalogue.tasks.set_index("id")
    task = tasks.loc[entry["nhiem_vu"]] if "nhiem_vu" in entry else None
    if chosen == "chua-ket-noi":
        bodies = list(dict.fromkeys(unconnected(edition)["owner"]))
    elif chosen == "chua-co-so-lieu":
        bodies = list(
            dict.fromkeys(part for lead in without_data(edition)["lead"] for part in lead.split("; ") if part)
        )
    else:
        bodies = str(task["lead"]).split("; ") if task is not None else []
    due = entry.get("han") or (wording.period(task["due"]) if task is not None and task["due"] else "")
    source = entry.get("nguon") or (task["source"] if task is not None else "")
    work = templates.fill(entry["viec"], edition.figures, "tom-tat.yml").strip()
    called = tuple(
        names[body] if body.startswith(("agency", "34")) else wording.lowered(names[body]) for body in bodies
    )
    return Ask(work if bodies else "", called, due, source)


def first_page(edition: Edition, told: Brief) -> Piece:
    """Return the brief as the page after the head block: judgement, findings, requests."""
    findings = "\n".join(f"{place}. {finding.text}" for place, finding in enumerate(told.findings, start=1))
    asks = "\n".join(f"- {_asked(ask)}" for ask in told.asks)
    text = f"::: {{.chi-trang}}\n# Tóm tắt {{.unnumbered}}\n:::\n\n::: {{.tom-tat}}\n**{told.judgement}** {told.basis}\n\n{findings}\n\n**Đề nghị {edition.catalogue.programme.steering} yêu cầu:**\n\n{asks}\n:::\n"
    return edition.piece(text)


def prompts(told: Brief) -> dict[str, list[str]]:
    """Return what an official may start a section from, by the section's name: facts of this edition, not its text."""
    found = [finding.text for finding in told.findings]
    return {
        "nhan-xet": [f"**{told.judgement}** {told.basis}", *found],
        "nguyen-nhan": ["Vì sao: " + "; ".join(wording.lowered(finding.title) for finding in told.findings) + "?"],
        "bai-hoc": ["Cách làm nào đã giúp đạt kết quả nêu trên, cơ quan nào áp dụng được?"],
        "kien-nghi": [_asked(ask) for ask in told.asks],
    }


def _asked(ask: Ask) -> str:
    due = f" ({ask.due})" if ask.due else ""
    return f"**{wording.capital(wording.join(ask.bodies))}**: {ask.work}{due}."
