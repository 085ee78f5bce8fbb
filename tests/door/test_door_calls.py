"""Wrong calls of the door: one sentence that says where, expected, found and what to do; completions; imports."""

import subprocess
import sys

import pandas as pd
import pytest
import support

import nq57lab as nq
from nq57lab.base.problems import ProblemError

DAY = "2026-06-30"
TARGETS = ["id", "base_year", "base_value", "current_year", "current_value", "target_year", "target", "direction"]


@pytest.fixture(scope="module")
def lab():
    return nq.open(DAY, project=support.ROOT)


WRONG = {
    "a day in words": (lambda lab: nq.open("hôm nay", project=support.ROOT), "thấy hôm nay"),
    "a day as printed": (lambda lab: nq.open("30/6/2026", project=support.ROOT), "có phải 2026-06-30?"),
    "no such day": (lambda lab: nq.open("2026-02-30", project=support.ROOT), "thấy 2026-02-30"),
    "no project": (lambda lab: nq.open(DAY, project="/"), "nq.open(project="),
    "an audience": (lambda lab: nq.open(DAY, audience="ai", project=support.ROOT), "noi-bo, cong-khai"),
    "a language": (lambda lab: nq.open(DAY, lang="fr", project=support.ROOT), "vi, en"),
    "a code misspelt": (lambda lab: lab["A.2.02"], "có phải A.02.02"),
    "a code in words": (lambda lab: lab["kinh te so"], "có phải A.02.02"),
    "no code": (lambda lab: lab["zzzz"], "lab.find("),
    "an area in words": (lambda lab: lab["A.02.02"].series("Ha Noi"), "34:01 Hà Nội"),
    "a milestone": (lambda lab: lab.progress(2031), "2025, 2026, 2030, 2035, 2045"),
    "a method": (lambda lab: lab.progress(2030, method="x"), "eurostat, un, escap, sdsn, p"),
    "a year of the outlook": (lambda lab: lab.outlook(2040), "2030"),
    "a day after the day": (lambda lab: lab.alerts("2027-01-01"), "since"),
    "a chart": (lambda lab: lab["A.02.02"].chart("pie"), "history"),
    "a table": (lambda lab: lab["A.02.02"].table("pie"), "definition"),
    "a short series": (lambda lab: lab["A.02.02"].forecast(), "6 điểm"),
    "a year behind": (lambda lab: lab["A.02.06"].forecast(2000), "sau 2025"),
    "a year in words": (lambda lab: lab["A.02.06"].forecast("xa"), "thấy xa"),
    "no comparators": (lambda lab: lab.compare("A.01.01"), "M.07"),
    "a query that writes": (lambda lab: lab.sql("drop table indicators"), "SELECT"),
    "a table that is not there": (lambda lab: lab.sql("select 1 from y"), "name y does not exist"),
    "no query": (lambda lab: lab.sql(None), "SELECT"),
    "an index": (lambda lab: lab.index("x"), "provinces"),
    "no runs": (lambda lab: lab.index().uncertainty(runs=0), "runs"),
    "another file": (lambda lab: lab.find("gii").to_excel("x.csv"), ".xlsx"),
    "no frame": (lambda lab: nq.forecast([1, 2]), "series_id, period, value"),
    "an empty frame": (lambda lab: nq.forecast(pd.DataFrame(columns=["series_id", "period", "value"])), "ít nhất một dòng"),
    "a column missing": (lambda lab: nq.forecast(pd.DataFrame({"period": [2020], "value": [1.0]})), "series_id"),
    "a column too many": (lambda lab: nq.evaluate_targets(pd.DataFrame({n: ["1"] for n in [*TARGETS, "z"]})), "thấy z"),
    "a horizon": (lambda lab: nq.forecast(pd.DataFrame({"series_id": ["a"], "period": [1], "value": [1.0]}), 99), "horizon"),
    "a sign": (lambda lab: nq.loops(pd.DataFrame({"source": ["a"], "target": ["b"], "polarity": [2]})), "polarity"),
    "a day that is no time": (lambda lab: nq.open(pd.NaT, project=support.ROOT), "thấy NaT"),
    "a yes in words": (lambda lab: nq.open(DAY, final="không", project=support.ROOT), "True hoặc False"),
    "a project as a number": (lambda lab: nq.open(DAY, project=5), "project: cần đường dẫn"),
    "no words": (lambda lab: lab.find(None), "chữ trong dấu nháy"),
    "words as a list": (lambda lab: lab.find(["gii"]), "thấy ['gii'] (list)"),
    "a list of codes": (lambda lab: lab[["A.02.02", "A.02.06"]], "lab.find("),
    "a milestone as a list": (lambda lab: lab.progress([2030]), "2025, 2026"),
    "days as a number": (lambda lab: lab.alerts(dates=5), "danh sách ngày"),
    "days in words": (lambda lab: lab.alerts(dates=["mai"]), "thấy mai"),
    "an index as a number": (lambda lab: lab.index(5), "chữ trong dấu nháy"),
    "no models": (lambda lab: lab.bench(None, None), "series"),
    "a horizon in words": (lambda lab: lab.bench("so-sanh", "x.yml", horizon="xa"), "số nguyên"),
    "a chart as a list": (lambda lab: lab["A.02.02"].chart(["history"]), "history"),
    "no workbook": (lambda lab: lab.find("gii").to_excel(None), "to_excel: cần đường dẫn"),
    "a place that takes no file": (lambda lab: lab.find("gii").to_excel("/proc/x/y.xlsx"), "/proc/x"),
    "a column twice": (lambda lab: nq.forecast(pd.DataFrame([["a", 1, 1.0, 2.0]], columns=["series_id", "period", "value", "value"])), "mỗi cột một lần"),
    "no tables": (lambda lab: nq.Index.read(None, None), "đường dẫn"),
    "a folder for a table": (lambda lab: nq.Index.read("data", "data"), "có tệp data"),
    "a folder for a configuration": (lambda lab: nq.Index.read("data", "data", "data"), "config"),
    "a number for an index": (lambda lab: lab.index().compare(5), "nq.Index.read"),
    "no unit": (lambda lab: lab.index().profile(None), "unit"),
    "a notebook's names": (lambda lab: nq.report(None), "globals()"),
    "a kind of report": (lambda lab: nq.report({}, "zzz"), "so-ket"),
    "a file of an index": (lambda lab: nq.Index.read("a.csv", "b.csv", "c.yml"), "c.yml"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_call_is_told_in_words(lab, name):
    call, expected = WRONG[name]
    with pytest.raises(ProblemError) as caught:
        call(lab)
    text = str(caught.value)
    assert expected in text
    for line in text.splitlines():
        assert "cần" in line and "thấy" in line and "cách sửa" in line and "--" not in line
    assert caught.value._render_traceback_() == [text]
    assert caught.value.text("en")


def test_ipython_shows_the_sentence_and_no_traceback():
    cell = "import nq57lab as nq; nq.open('hom nay')"
    code = f"from IPython.core.interactiveshell import InteractiveShell as S; S.instance().run_cell({cell!r})"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=support.ROOT, check=False)
    assert "known: cần" in shown.stdout + shown.stderr
    assert "Traceback" not in shown.stdout + shown.stderr


def test_codes_complete(lab):
    offered = lab._ipython_key_completions_()
    assert {"A.02.02", "M.07", "tasks_assigned"} <= set(offered)


def test_names_of_the_door_stay_the_doors_when_slices_are_imported():
    code = "import nq57lab as nq, nq57lab.forecast.run, nq57lab.loops.graph; print(nq.forecast.__name__, nq.loops.__name__, nq.open.__name__)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["forecast", "loops", "open_lab"]
    assert {"open", "Index", "forecast", "evaluate_targets", "loops"} <= set(dir(nq))
    with pytest.raises(AttributeError):
        nq.nothing  # noqa: B018


def test_importing_the_door_loads_nothing_heavy_and_takes_no_time():
    code = (
        "import time; start = time.perf_counter(); import nq57lab as nq; took = time.perf_counter() - start\n"
        "import sys; print(took < 0.1, [name for name in ('pandas', 'numpy', 'altair', 'yaml') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["True", "[]"]


def test_opening_draws_nothing_and_loads_no_charts():
    code = f"import nq57lab as nq, sys; lab = nq.open({DAY!r}); lab.find('gii'); print('altair' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=support.ROOT)
    assert out.stdout.strip() == "False"


def test_what_goes_wrong_while_opening_is_told_in_the_language_asked_for():
    with pytest.raises(ProblemError, match="expected a day"):
        nq.open("2026-13", lang="en")
    with pytest.raises(ProblemError, match="cần một ngày"):
        nq.open("2026-13")
