"""Benchmark of a batch of reports: 34 provincial profiles, executed and rendered to HTML, PDF and DOCX, beside the plain way.

In a copy of the project, on the illustrative set and one figure that only one province has: ``nq57 batch`` from an empty cache; again;
again after that figure was corrected, which no other profile says anything about (a figure that is new to the provinces is
another matter: every profile lists what the province lacks and others have); and the plain way (the ``papermill`` command, then one process that renders, for one province after the other) on four provinces,
scaled to 34. Prints total, the share of execution and of rendering, the ratio, and the machine's load before each run. Nothing is
written outside the temporary folder. Modules should be compiled (``python -m compileall``), as they are after any first use.

    python benchmarks/bench_batch.py --workers 2
"""

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("data", "notebooks", "params", "reports/_filters", "reports/_templates", "reports/assets")
PARAMETERS = "ho-so-tinh-minh-hoa.yml"
PROVINCES = 34
PLAIN = ("34:01", "34:25", "34:48", "34:92")
ONE_RENDER = """
import json, sys
from pathlib import Path
from nq57lab.briefing import execute, render
root, work, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
parameters = json.loads(sys.argv[4])
notebook = work / f"{name}.ipynb"
execute.settle(notebook, work)
facts = json.loads((work / execute.FACTS).read_text(encoding="utf-8"))
render.render(notebook, work, root=root, name=name, metadata={"title": facts["title"].partition("|")[2]}, renderer="embedded",
              source_date_epoch=execute.source_date_epoch(parameters), provenance=facts["so"])
"""


def copy_project(target: Path) -> Path:
    """Copy what a batch reads."""
    for part in PARTS:
        shutil.copytree(ROOT / part, target / part, ignore=shutil.ignore_patterns("cache", "kernel-ipc*"))
    for file in ("_quarto.yml", "_language.yml"):
        shutil.copy(ROOT / file, target / file)
    return target


def batch(project: Path, workers: int, formats: str = "html,pdf,docx") -> tuple[float, float, pd.DataFrame]:
    """Run ``nq57 batch`` over all provinces in a process of its own; return its wall time, its processor time, its summary."""
    command = [sys.executable, "-c", "from nq57lab.cli.main import main; main()", "batch", f"params/{PARAMETERS}"]
    command += ["--over", "area=all", "--workers", str(workers), "--formats", formats, "--renderer", "embedded"]
    start, used = time.perf_counter(), processor()
    subprocess.run(command, cwd=project, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    return seconds, processor() - used, pd.read_csv(project / "reports" / "ho-so-tinh-minh-hoa" / "tong-hop.csv")


def processor() -> float:
    """Return the processor time of the processes started so far, in seconds: it does not depend on what else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def enter_one(project: Path, value: str) -> None:
    """Enter a figure that only one province has, or correct it, so that no other profile says anything else."""
    with (project / "data/observations/S004_2026-06-30.csv").open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["subject"] == "tasks_assigned")
    row |= {"area": "34:48", "value": value, "printed": value, "note": "số thử của phép đo"}
    with (project / "data/observations/thu_2026-06-30.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerow(row)


def plain(project: Path, area: str) -> tuple[float, float]:
    """Execute one profile with the ``papermill`` command and render it in a process of its own; return both times."""
    from nq57lab.publish import params

    parameters = params.load(project / "params" / PARAMETERS) | {"area": area}
    name = area.replace(":", "-")
    work = project / "plain" / name
    work.mkdir(parents=True)
    source = project / "notebooks" / parameters["notebook"]
    declared = [key for key in parameters if f"\n{key} = " in "\n" + "".join(_first_code(source))]
    given = project / "plain" / f"{name}.json"
    passed = {key: parameters[key] for key in declared} | {"work": str(work)}
    given.write_text(json.dumps(passed, ensure_ascii=False), encoding="utf-8")  # JSON is YAML
    start = time.perf_counter()
    command = [sys.executable, "-m", "papermill", str(source), str(work / f"{name}.ipynb"), "-f", str(given)]
    command += ["--cwd", str(source.parent), "--no-progress-bar", "-k", "python3"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    middle = time.perf_counter()
    command = [sys.executable, "-c", ONE_RENDER, str(project), str(work), name, json.dumps(parameters, default=str)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return middle - start, time.perf_counter() - middle


def _first_code(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return next(cell["source"] for cell in cells if cell["cell_type"] == "code")


def loaded() -> None:
    """Print the machine's load, and how long it takes for a fixed piece of work: other processes lengthen both kinds of time."""
    start = time.process_time()
    sum(range(20_000_000))
    print(
        f"load {os.getloadavg()[0]:.1f}; fixed work {time.process_time() - start:.2f} s of processor time", flush=True
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-plain", action="store_true", help="leave out the plain way")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nq57-do-") as folder:
        project = copy_project(Path(folder) / "du-an")
        enter_one(project, "57")
        loaded()
        seconds, used, table = batch(project, options.workers)
        built = table[table["state"] == "built"]
        run, render = built["run_seconds"].sum(), built["render_seconds"].sum()
        print(f"batch, {len(built)} profiles, {options.workers} workers: {seconds:.1f} s, processor {used:.1f} s")
        shares = f"execution {run:.1f} s ({run / (run + render):.0%}), rendering {render:.1f} s ({render / (run + render):.0%})"
        print(f"  inside the workers: {shares}")
        loaded()
        again, cpu, table = batch(project, options.workers)
        print(
            f"rerun, nothing changed: {again:.1f} s, processor {cpu:.1f} s, {(table['state'] == 'cached').sum()} from the cache"
        )
        enter_one(project, "58")
        loaded()
        one, cpu, table = batch(project, options.workers)
        print(
            f"rerun, one figure changed: {one:.1f} s, processor {cpu:.1f} s, {(table['state'] == 'built').sum()} built"
        )
        if options.no_plain:
            return
        loaded()
        before = processor()
        parts = [plain(project, area) for area in PLAIN]
        cpu = (processor() - before) / len(parts) * PROVINCES
        whole = sum(map(sum, parts)) / len(parts) * PROVINCES
        execution = sum(part[0] for part in parts) / sum(map(sum, parts))
        print(
            f"plain way, {len(parts)} profiles scaled to {PROVINCES}: {whole:.0f} s, processor {cpu:.0f} s (execution {execution:.0%})"
        )
        print(f"ratio: {whole / seconds:.1f} by the clock, {cpu / used:.1f} by processor time")


if __name__ == "__main__":
    main()
