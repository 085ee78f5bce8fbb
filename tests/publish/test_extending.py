"""CONTRIBUTING's four examples, followed as printed in a copy of the project: a kind of report, a progress method, a model, a chart."""

import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pandas as pd
import pytest
from support import ROOT
from support_project import copy_project, text_of

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def example(title: str, language: str) -> str:
    """Return the code of an example as CONTRIBUTING prints it."""
    part = GUIDE.split(f"### {title}\n")[1].split("\n### ")[0].split("\n## ")[0]
    return re.search(rf"```{language}\n(.*?)```", part, re.DOTALL).group(1)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the project and of the package in it."""
    root = copy_project(tmp_path_factory.mktemp("mo-rong"))
    shutil.copytree(ROOT / "nq57lab", root / "nq57lab", ignore=shutil.ignore_patterns("__pycache__"))
    return root


def run(root, *arguments: str) -> str:
    """Run Python in the copy, with the copy's package; its output, or the failure's."""
    environment = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def put(root, path: str, old: str, new: str) -> None:
    """Change one line of a file that has it once."""
    text = (root / path).read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old)
    (root / path).write_text(text.replace(old, new), encoding="utf-8")


def test_a_kind_of_report_is_one_schema_and_a_notebook(copy):
    (copy / "params" / "hoi-nghi.schema.json").write_text(example("A kind of report", "json"), encoding="utf-8")
    cells = [
        nbformat.v4.new_code_cell(text.strip("\n")) for text in example("A kind of report", "python").split("# %%\n")
    ]
    cells[0].metadata["tags"] = ["parameters"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), copy / "notebooks" / "20_hoi_nghi.ipynb")
    run(copy, "-m", "nq57lab", "report", "init", "hoi-nghi", "--period", "2026-Q3")
    assert (copy / "reports" / "sections" / "hoi-nghi-2026-q3" / "de-nghi.md").is_file()
    run(copy, "-m", "nq57lab", "report", "params/hoi-nghi-2026-q3.yml", "--formats", "html")
    page = text_of(copy / "reports" / "hoi-nghi-2026-q3" / "hoi-nghi-2026-q3.html")
    assert "Thành phần: Ban Chỉ đạo." in page and "Phục vụ hội nghị, quý III/2026" in page
    assert "Các phương pháp đánh giá từng mục tiêu" in page


def test_a_progress_method_is_a_module_and_a_line(copy):
    (copy / "nq57lab/targets/methods/way.py").write_text(example("A progress method", "python"), encoding="utf-8")
    registry = "nq57lab/targets/methods/registry.py"
    put(copy, registry, "import escap, eurostat, sdsn, un_chart", "import escap, eurostat, sdsn, un_chart, way")
    put(copy, registry, "escap.METHOD, sdsn.METHOD)", "escap.METHOD, sdsn.METHOD, way.METHOD)")
    (copy / "ca.csv").write_text(
        "id,base_year,base_value,current_year,current_value,target_year,target,direction,limit\n"
        "a,2020,10,2025,18,2030,20,1,\nb,2020,10,2025,11,2030,20,1,\nc,2020,20,2025,19,2030,20,1,\n",
        encoding="utf-8",
    )
    run(copy, "-m", "nq57lab", "targets", "evaluate", "ca.csv", "--method", "way", "-o", "kq.csv")
    found = pd.read_csv(copy / "kq.csv").set_index("id")
    assert found["way_status"].tolist() == ["past_half", "before_half", "not_available"]
    assert found["way_share"].tolist()[:2] == [0.8, 0.1] and found["way_reason"]["c"] == "cần giá trị gốc khác mục tiêu"
    said = "import json; from nq57lab.publish import params; from pathlib import Path; "
    said += (
        "print(json.dumps(params.schema_of(Path('params/so-ket.schema.json'))['properties']['verdict_method']['enum']))"
    )
    assert "way" in json.loads(run(copy, "-c", said))
    run(copy, "-m", "nq57lab", "report", "params/kpi-vi-mo.yml", "--set", "verdict_method=way", "--formats", "html")
    page = text_of(copy / "reports" / "kpi-vi-mo" / "kpi-vi-mo.html")
    assert "Quãng đường" in page and "quá nửa đường" in page


def test_a_forecasting_model_is_a_module_and_a_line(copy):
    (copy / "nq57lab/forecast/models/recent.py").write_text(example("A forecasting model", "python"), encoding="utf-8")
    registry = "nq57lab/forecast/registry.py"
    line = re.search(r'`("recent": Model.*?)`', GUIDE).group(1)
    put(
        copy, registry, "import arima, ets, growth, theta, trend\n", "import arima, ets, growth, recent, theta, trend\n"
    )
    put(copy, registry, "BUILT_IN: dict[str, Model] = {\n", f"BUILT_IN: dict[str, Model] = {{\n    {line},\n")
    rows = [f"{s},{2000 + t},{10 + t + 3 * (t % 4) + place}" for place, s in enumerate("ab") for t in range(20)]
    (copy / "chuoi.csv").write_text("series_id,period,value\n" + "\n".join(rows) + "\n", encoding="utf-8")
    run(copy, "-m", "nq57lab", "forecast", "backtest", "chuoi.csv", "-o", "thu")
    league = pd.read_csv(copy / "thu" / "league.csv")
    assert {"recent", "naive"} <= set(league["model"]) and league.set_index("model").loc["recent"].notna().any()


def test_a_chart_is_a_builder_in_its_room(copy):
    path = copy / "nq57lab/links/figures.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n\n" + example("A chart", "python"), encoding="utf-8")
    (copy / "work").mkdir()
    run(
        copy,
        "-c",
        "from nq57lab.documents.edition import Edition; from nq57lab.links import figures; "
        "ban = Edition({'edition': 'thu', 'title': 'Thử', 'known': '2026-06-30'}, 'work'); "
        "ban.chart(figures.by_kind, 'fig-loai-lien-ket'); ban.close()",
    )
    drawn = (copy / "work" / "figures" / "fig-loai-lien-ket.svg").read_text(encoding="utf-8")
    trace = pd.read_csv(copy / "work" / "trace.csv")
    most = str(trace["printed"].iloc[0])
    assert "nhiều nhất" in drawn and most in drawn and trace["rows"].eq("links.csv").all()
