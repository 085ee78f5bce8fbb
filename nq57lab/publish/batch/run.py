"""One report over many areas: 34 provincial profiles, executed and rendered by warm workers, built only where something changed.

Checked parameters in; an edition folder with one folder for each area out, complete or not at all. The data is read and computed
once before the workers are forked; each worker runs notebooks in its own process. What is finished goes to a cache keyed on the
data that the profile is made from, parameters, code and packages: a rerun resumes, and after a change builds what changed.
"""

import gc
import json
import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts import known as knowledge
from nq57lab.publish import execute, params, places
from nq57lab.publish.batch import keys
from nq57lab.publish.batch.cache import Cache
from nq57lab.publish.final import gate

SUMMARY = "tong-hop.csv"
UNFINISHED = ".chua-xong"
SUMMARY_COLUMNS = ["area", "name", "state", "seconds", "run_seconds", "render_seconds", "cell", "error", "folder"]


@dataclass(frozen=True)
class Item:
    """One document of a batch: its parameters, the key of its cache entry, and its folder's name."""

    area: str
    slug: str
    parameters: dict[str, Any]
    key: str


def slug(area: str) -> str:
    """Return an area's code as a folder name.

    >>> slug("34:01"), slug("agency:BKHCN")
    ('34-01', 'agency-bkhcn')
    """
    return area.lower().replace(":", "-").replace("_", "-")


def expand(root: Path, path: Path, over: str, changes: list[str] | None = None) -> list[dict[str, Any]]:
    """Return the checked parameters of every document of a batch; all problems are raised before anything starts.

    Parameters
    ----------
    root, path : Path
        The project and the parameter file.
    over : str
        ``area=all``, or ``area=34:01,34:79``. "all" are the areas that the schema names for the parameter.
    changes : list of str, optional
        ``key=value`` pairs for every document.
    """
    name, equals, listed = over.partition("=")
    name = name.strip()
    path = params.found_in(root, path)
    base = params.load(path, changes)
    schema = params.schema_of(path.parent / Path(base["schema"]).name)
    entry = schema["properties"].get(name)
    if not equals or entry is None or "x-tat-ca" not in entry:
        able = ", ".join(key for key, value in schema["properties"].items() if "x-tat-ca" in value) or "–"
        raise ProblemError([Problem("values", "--over", found=over, details={"allowed": f"{able}=all, {able}=…,…"})])
    found = knowledge.of(root, date.fromisoformat(base["known"])).catalogue
    everything = found.areas[found.areas["id"].str.startswith(entry["x-tat-ca"])].sort_values("order", kind="stable")[
        "id"
    ]
    wanted = (
        everything.tolist() if listed.strip() == "all" else [part.strip() for part in listed.split(",") if part.strip()]
    )
    problems = [
        Problem("reference", "--over", found=code, details={"target": f"areas.csv ({entry['x-tat-ca']}…)"})
        for code in wanted
        if code not in set(everything)
    ]
    problems += [] if wanted else [Problem("values", "--over", found=over, details={"allowed": f"{name}=all"})]
    for code in dict.fromkeys(wanted):
        values = {key: value for key, value in base.items() if key in schema["properties"]}
        problems += params.check(values | {name: code}, schema, path.name)
    if problems:
        raise ProblemError(problems)
    return [base | {name: code} for code in dict.fromkeys(wanted)]


def build_one(root: str, cache_folder: str, item: Item, formats: list[str], renderer: str) -> dict[str, Any]:
    """Build one document into the cache, in whatever process this is; return its line of the summary.

    A failure is returned, not raised: the others go on. So is all that the gate of a final edition found (state ``refused``).
    """
    started = time.perf_counter()
    kept = Cache(Path(cache_folder))
    line: dict[str, Any] = {"area": item.area, "state": "built", "cell": "", "error": "", "run_seconds": 0.0}
    made = None
    marks: list[tuple[str, float]] = []
    try:
        made = kept.workshop(item.slug)
        execute.build(
            Path(root),
            item.parameters,
            made,
            renderer=renderer,
            formats=formats,
            report=lambda step: marks.append((step, time.perf_counter())),
            in_process=True,
            gate=gate.of(item.parameters),
        )
        kept.keep(made, item.slug, item.key)
    except execute.NotFinal as error:
        line |= {"state": "refused", "error": str(error)}
    except Exception as error:
        line |= {
            "state": "failed",
            "cell": getattr(error, "cell", ""),
            "error": str(error).strip()[:2000] or type(error).__name__,
        }
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
    done = time.perf_counter()
    line["seconds"] = round(done - started, 3)
    if len(marks) > 1:
        line |= {"run_seconds": round(marks[1][1] - marks[0][1], 3), "render_seconds": round(done - marks[1][1], 3)}
    return line


def _warm() -> None:
    """Load in a worker what every document needs."""
    import papermill  # noqa: F401
    import vl_convert
    from IPython.core import interactiveshell  # noqa: F401

    from nq57lab.charts import theme
    from nq57lab.publish import web_page  # noqa: F401

    theme.register_fonts()
    vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": []}})  # its engine takes most of a second to start


def _crew(workers: int) -> ProcessPoolExecutor:
    """Return workers that load by themselves what this process has not.

    They are forked, and so inherit the data, unless charts were drawn in this process: a fork would have the drawing engine without its
    thread, and wait for it for ever.
    """
    context = multiprocessing.get_context("spawn" if "vl_convert" in sys.modules else "fork")
    return ProcessPoolExecutor(max_workers=workers, mp_context=context, initializer=_warm)


def run(
    root: Path,
    all_parameters: list[dict[str, Any]],
    *,
    workers: int = 2,
    formats: list[str] | None = None,
    renderer: str = "auto",
    cluster: str = "",
    progress: Callable[[dict[str, Any]], None] = lambda line: None,
) -> tuple[Path, pd.DataFrame]:
    """Build every document of a batch and put the edition in its place.

    Parameters
    ----------
    root : Path
        The project's root.
    all_parameters : list of dict
        From :func:`expand`.
    workers : int
        Processes on this machine.
    formats : list of str, optional
        html, pdf, docx, pptx, leaflet (default: the parameters').
    renderer : str
        As in :func:`nq57lab.publish.render.render`.
    cluster : str
        A dask scheduler's address, or ``local:N``: the documents are then built there. The workers must see the project's
        folder at the same path.
    progress : callable
        Told each finished document.

    Returns
    -------
    tuple of Path and DataFrame
        The edition's folder and the summary (:data:`SUMMARY_COLUMNS`). Where a document failed, the folder is
        ``reports/<edition>.chua-xong`` and the last whole edition stays; where the gate refused one, no folder is written.
    """
    from nq57lab.publish import render

    root = root.resolve()
    renderer = render.find_renderer(renderer)  # one name, however it was asked for
    first = all_parameters[0]
    wanted = list(formats or first.get("formats", ("html", "pdf", "docx")))
    render.check_formats(root / "notebooks" / first["notebook"], wanted)
    all_parameters = [values | {"formats": wanted} for values in all_parameters]
    target = root / "reports" / first["edition"]
    places.check(target)
    kept = Cache(root / "data" / "cache" / "batch" / first["edition"])
    kept.sweep()
    known = knowledge.of_parameters(root, first)
    names = known.catalogue.names
    known.figures()
    keys.inputs(known, root, first)  # with what all documents of the kind are compared by
    # One worker gets ready while the keys are computed: after a change it is most often one document that has to be built.
    gc.freeze()  # the collections of forked workers leave alone what they inherit
    pool = _crew(1) if workers > 1 and not cluster else None
    if pool is not None:
        pool.submit(int)
    try:
        items = _items(root, known, all_parameters, wanted, render.identity(renderer))
        lines: dict[str, dict[str, Any]] = {}
        for item in items:
            if kept.find(item.slug, item.key):
                lines[item.area] = {"area": item.area, "state": "cached", "seconds": 0.0}
                progress(lines[item.area])
        jobs = [(str(root), str(kept.folder), item, wanted, renderer) for item in items if item.area not in lines]
        if pool is not None and len(jobs) > 1:
            pool.shutdown()
            pool = _crew(min(workers, len(jobs)))
        for line in _carry_out(jobs, pool, cluster):
            lines[line["area"]] = line
            progress(line)
    finally:
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
        gc.unfreeze()
    summary = pd.DataFrame([lines[item.area] for item in items]).reindex(columns=SUMMARY_COLUMNS)
    summary = summary.assign(name=summary["area"].map(names), folder=[item.slug for item in items])
    summary = summary.fillna({"cell": "", "error": "", "run_seconds": 0.0, "render_seconds": 0.0})
    if (summary["state"] == "refused").any():
        return target, summary
    whole = not (summary["state"] == "failed").any()
    place = target if whole else target.with_name(target.name + UNFINISHED)
    _assemble(root, first, items, kept, summary, place, renderer)
    if whole:
        shutil.rmtree(target.with_name(target.name + UNFINISHED), ignore_errors=True)
    return place, summary


def _items(
    root: Path,
    known: knowledge.Knowledge,
    all_parameters: list[dict[str, Any]],
    wanted: list[str],
    renderer: str,
) -> list[Item]:
    """Return the documents with the keys of what each is made from."""
    shared = keys.shared(root)
    return [
        Item(
            values["area"],
            slug(values["area"]),
            values | {"edition": slug(values["area"])},
            keys.key_of(shared, keys.inputs(known, root, values), values, wanted, renderer),
        )
        for values in all_parameters
    ]


def _carry_out(jobs: list[tuple], pool: ProcessPoolExecutor | None, cluster: str) -> Iterable[dict[str, Any]]:
    if not jobs:
        return
    if cluster:
        yield from _on_cluster(jobs, cluster)
        return
    if pool is None:
        for job in jobs:
            yield build_one(*job)
        return
    waiting = {job[2].area for job in jobs}
    try:
        for future in as_completed([pool.submit(build_one, *job) for job in jobs]):
            line = future.result()
            waiting.discard(line["area"])
            yield line
    except BrokenProcessPool:  # every document that is not done is lost with it
        for area in sorted(waiting):
            error = "tiến trình dựng bị dừng giữa chừng; chạy lại lệnh để tiếp tục"
            yield {"area": area, "state": "failed", "error": error}


def _on_cluster(jobs: list[tuple], cluster: str) -> Iterable[dict[str, Any]]:
    """Build on a dask cluster: ``local:N`` starts N processes here, anything else is a scheduler's address."""
    from dask.distributed import Client, LocalCluster
    from dask.distributed import as_completed as completed

    kind, _, count = cluster.partition(":")
    if kind == "local":
        own = LocalCluster(
            n_workers=int(count or os.cpu_count() or 1),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
        )
    else:
        own = None
    try:
        with Client(own if own is not None else cluster) as client:
            futures = [client.submit(build_one, *job, pure=False) for job in jobs]
            for future in completed(futures):
                yield future.result()
    finally:
        if own is not None:
            own.close()


def _assemble(
    root: Path, first: dict[str, Any], items: list[Item], kept: Cache, summary: pd.DataFrame, place: Path, renderer: str
) -> None:
    """Put the edition together aside from finished documents, then in its place in one step."""
    with places.claimed(root, place.name):
        _put(root, first, items, kept, summary, place, renderer)


def _put(
    root: Path, first: dict[str, Any], items: list[Item], kept: Cache, summary: pd.DataFrame, place: Path, renderer: str
) -> None:
    aside = places.aside(place)
    try:
        traces = []
        for item, state in zip(items, summary["state"], strict=True):
            entry = kept.place(item.slug, item.key)
            if state != "failed" and entry.is_dir():
                shutil.copytree(entry, aside / item.slug, copy_function=_copy)
                trace_file = aside / item.slug / "trace.csv"
                if trace_file.exists():
                    traces.append(pd.read_csv(trace_file, dtype=str, keep_default_na=False).assign(area=item.area))
        summary.to_csv(aside / SUMMARY, index=False, lineterminator="\n")
        if traces:
            pd.concat(traces, ignore_index=True).to_csv(aside / "trace.csv", index=False, lineterminator="\n")
        execute.save_snapshot(root, aside)
        content = execute.manifest(root, first, {}, aside, execute.source_date_epoch(first), renderer)
        content["items"] = {item.slug: {"area": item.area, "key": item.key} for item in items}
        content["complete"] = bool((summary["state"] != "failed").all())
        (aside / "manifest.json").write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        aside.chmod(0o755)
        places.replace(aside, place, final=content["complete"] and not first.get("draft", True))
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _copy(source: str, target: str) -> None:
    """Put a file of the cache into the edition; a copy, so that editing a document cannot damage the cache."""
    shutil.copyfile(source, target)
