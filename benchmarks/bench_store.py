"""The store at scale: validate, as_of, completeness and quarters on generated observations, beside pandas and polars.

Every figure is generated ("dữ liệu minh họa") and says nothing about any province or commune. Each engine runs in its own
process, on the same file, does the same work and writes the same three tables; time is wall time from opening the file to
closing the last result, memory the process's peak.

    python benchmarks/bench_store.py            # 338 thousand rows
    python benchmarks/bench_store.py --tenth    # 3,4 million
    python benchmarks/bench_store.py --full     # 34 million
"""

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

MARK = "dữ liệu minh họa"
SOURCE = "MINH_HOA"
PROVINCES, COMMUNES, INDICATORS = 34, 3321, 168
SIZES = {"small": (PROVINCES, 302, 6), "tenth": (PROVINCES, COMMUNES, 6), "full": (PROVINCES, COMMUNES, 60)}
CORRECTED = 0.02  # share of the figures that come again in a second vintage
ABSENT = 0.03  # share of the figures that were never sent
ALWAYS = 12  # indicators that every area always sent, so that there are totals of communes
COUNTS, STOCKS, MEANS = 84, 28, 14  # the other indicators are ratios of two of the counts
STATUSES = ("official", "verified", "estimate", "self_reported")


def catalogue(provinces: int, communes: int) -> dict:
    """Return a generated catalogue: rules, leads, units, areas and the province of each commune."""
    rows = []
    for place in range(INDICATORS):
        code, lead = f"MH.{place + 1:03d}", f"agency:MH{place % 12 + 1:02d}"
        if place < COUNTS:
            rows.append((code, "sum", "sum", "", "hồ sơ", lead))
        elif place < COUNTS + STOCKS:
            rows.append((code, "last", "sum", "", "tài khoản", lead))
        elif place < COUNTS + STOCKS + MEANS:
            rows.append((code, "mean", "none", "", "ngày", lead))
        else:
            first = (place * 2) % COUNTS
            formula = f"MH.{first + 1:03d} / (MH.{first + 1:03d} + MH.{first + 2:03d}) * 100"
            rows.append((code, "recompute", "recompute", formula, "%", lead))
    names = [f"34:{place + 1:02d}" for place in range(provinces)]
    lower = [f"{names[place % provinces]}:{place + 1:05d}" for place in range(communes)]
    rules = pd.DataFrame(rows, columns=["subject", "over_time", "over_areas", "formula", "unit", "lead"])
    families = {"hồ sơ": "count", "tài khoản": "count", "ngày": "duration", "%": "share"}
    # Provinces report for themselves; what their communes add up to stands beside it, and so does the sum of these.
    communes_of = {commune: f"{commune.rpartition(':')[0]}:xa" for commune in lower}
    above = dict.fromkeys(names, "VN") | dict.fromkeys(sorted(set(communes_of.values())), "VN:xa")
    return {
        "rules": rules,
        "families": families,
        "areas": sorted([*names, *lower]),
        "levels": [communes_of, above],
    }


def generate(path: Path, size: str) -> int:
    """Write the observations in the order in which they arrive: month by month, area by area; corrections come last."""
    provinces, communes, months = SIZES[size]
    known, random = catalogue(provinces, communes), np.random.default_rng(57)
    rules, areas = known["rules"], known["areas"]
    units = sorted(known["families"])
    labels = {
        "subject": list(rules["subject"]),
        "area": areas,
        "item": [""],
        "period": [f"{2022 + at // 12}-{at % 12 + 1:02d}" for at in range(months + 1)],
        "measure": ["flow", "stock"],
        "dims": [""],
        "unit": units,
        "status": list(STATUSES),
        "vintage": [f"{2022 + at // 12}-{at % 12 + 1:02d}-25" for at in range(months + 3)],
        "source": [SOURCE],
        "qualifier": ["="],
        "public": ["no"],
        "locator": [MARK],
    }
    labels["recorded"] = labels["vintage"]
    names = (
        *("subject", "area", "item", "period", "measure", "dims", "unit", "status", "vintage", "recorded", "source"),
        *("qualifier", "public", "locator"),
    )
    types = [pa.field(name, pa.dictionary(pa.int32(), pa.string())) for name in names]
    schema = pa.schema([*types, pa.field("value", pa.float64())], metadata={"nq57": MARK})
    subjects, subject_unit = np.arange(INDICATORS), np.array([units.index(unit) for unit in rules["unit"]])
    stock = (rules["over_time"] == "last").to_numpy().astype(np.int64)
    scale = np.where(rules["unit"] == "%", 100.0, np.exp(random.normal(6, 1, INDICATORS)))
    counts = (rules["unit"] != "%").to_numpy()
    later, total = [], 0

    def table(subject, area, month, vintage, status, value) -> pa.Table:
        zero = np.zeros(len(subject), dtype=np.int32)
        codes = [
            subject,
            area,
            zero,
            month,
            stock[subject],
            zero,
            subject_unit[subject],
            status,
            vintage,
            vintage,
            zero,
            zero,
            zero,
            zero,
        ]
        arrays = [
            pa.DictionaryArray.from_arrays(pa.array(code, pa.int32()), pa.array(labels[name], pa.string()))
            for name, code in zip(names, codes, strict=True)
        ]
        return pa.Table.from_arrays([*arrays, pa.array(value)], schema=schema)

    with pq.ParquetWriter(path, schema, compression="lz4", use_dictionary=list(names)) as writer:
        for month in range(months):
            subject = np.tile(subjects, len(areas))
            area = np.repeat(np.arange(len(areas)), INDICATORS)
            sent = (random.random(len(subject)) >= ABSENT) | (subject < ALWAYS)
            subject, area = subject[sent], area[sent]
            value = random.random(len(subject)) * scale[subject]
            value = np.where(counts[subject], np.round(value), np.round(value, 1))
            status = random.choice(4, len(subject), p=[0.1, 0.3, 0.1, 0.5])
            full = [np.full(len(subject), month + late) for late in (0, 0)]
            writer.write_table(table(subject, area, full[0], full[1], status, value))
            again = random.random(len(subject)) < CORRECTED
            raised = np.minimum(status[again], random.choice(4, again.sum()))
            later.append((subject[again], area[again], full[0][again], full[1][again] + 2, raised, value[again] * 1.01))
            total += len(subject)
        joined = [np.concatenate(parts) for parts in zip(*later, strict=True)]
        writer.write_table(table(*joined))
    return total + len(joined[0])


# The three engines: each reads `source`, writes as_of.parquet, completeness.parquet and quarters.parquet into `folder`,
# and returns how many problems, figures and quarters it found, with a checksum of the last two.


def generated_catalogue(known: dict):
    """Return the project's catalogue with the generated indicators, units, areas and source in the place of its own."""
    from dataclasses import replace

    from nq57lab.facts import catalogue as of_catalogue

    rules, shipped = known["rules"], of_catalogue.load(Path(__file__).resolve().parents[1] / "data")
    own = rules.rename(columns={"subject": "code"}).assign(kind="", layer="B", group="", name_vi=MARK)
    units = pd.DataFrame({"unit": list(known["families"]), "family": list(known["families"].values()), "factor": 1.0})
    areas = pd.DataFrame({"id": known["areas"], "type": "commune"})
    sources = pd.DataFrame({"id": [SOURCE]})
    columns = {"indicators": own, "units": units, "areas": areas, "sources": sources}
    return replace(
        shipped,
        **{
            name: frame.reindex(columns=getattr(shipped, name).columns, fill_value="")
            for name, frame in columns.items()
        },
    )


def run_large(source: Path, folder: Path, known: dict, engine: str = "duckdb") -> dict:
    """Do the work with :mod:`nq57lab.store.large`."""
    from nq57lab.store.large import engine as engines
    from nq57lab.store.large import rules as of_rules

    rules = known["rules"]
    clock, steps = [time.perf_counter()], {}

    def lap(name: str) -> None:
        clock.append(time.perf_counter())
        steps[name] = round(clock[-1] - clock[-2], 3)

    large = of_rules.Large(engines.connect(engine), [source])
    lap("read")
    problems = large.problems(generated_catalogue(known))
    lap("check")
    large.as_of(keep=True)
    lap("as_of")
    large.engine.write("known", folder / "as_of.parquet")
    lap("write")
    leads = dict(zip(rules["subject"], rules["lead"], strict=True))
    done = of_rules.completeness(large.engine, "known", leads, known["areas"])
    done.to_parquet(folder / "completeness.parquet")
    lap("completeness")
    of_rules.quarters(large.engine, "known", rules, known["levels"])
    large.engine.write("quarters", folder / "quarters.parquet")
    lap("quarters")
    figures = large.engine.frame("SELECT value FROM known")["value"].to_numpy()
    quarters = pd.read_parquet(folder / "quarters.parquet", columns=["value"])["value"].to_numpy()
    return _summary(len(problems), figures, quarters, done) | {"steps": steps}


def run_spark(source: Path, folder: Path, known: dict) -> dict:
    """Do the work with :mod:`nq57lab.store.large` on Spark: two workers, each a process of its own."""
    return run_large(source, folder, known, "local-cluster[2,1,3072]")


def _summary(problems: int, figures: np.ndarray, quarters: np.ndarray, done: pd.DataFrame) -> dict:
    sums = [float(figures.sum()), float(np.nansum(quarters)), float(done["share"].sum())]
    counts = {"problems": problems, "figures": len(figures), "quarters": int(np.isfinite(quarters).sum())}
    return counts | {"sums": sums}


KEY = ["subject", "area", "item", "period", "measure", "dims"]
FULL_KEY = [*KEY, "status", "vintage", "source", "recorded"]


def run_pandas(source: Path, folder: Path, known: dict) -> dict:
    """Do the work with pandas: categories for text, sort and drop duplicates, group by."""
    rules, families = known["rules"].set_index("subject"), known["families"]
    rows = pd.read_parquet(source)
    for name in [*FULL_KEY, "unit"]:
        rows[name] = rows[name].astype("category")
    bad = ~rows["subject"].isin(list(rules.index)) | ~rows["area"].isin(known["areas"])
    bad |= ~rows["unit"].isin(list(families)) | ~rows["status"].isin(STATUSES) | rows["value"].isna()
    wanted = rows["subject"].map(rules["unit"].map(families)).astype(str)
    bad |= rows["unit"].map(families).astype(str) != wanted
    del wanted
    bad |= rows.duplicated(FULL_KEY)
    problems = int(bad.sum())
    del bad
    rows = rows.sort_values("recorded", kind="stable").drop_duplicates([*KEY, "source", "vintage"], keep="last")
    rows["rank"] = rows["status"].cat.reorder_categories(STATUSES[::-1], ordered=True)
    rows = rows.sort_values(["rank", "vintage", "recorded"], kind="stable").drop_duplicates(KEY, keep="last")
    rows = rows.drop(columns="rank").sort_values(KEY, kind="stable", ignore_index=True)
    rows.to_parquet(folder / "as_of.parquet", compression="lz4")
    lead = rows["subject"].map(rules["lead"])
    observed = rows.groupby([lead, "period"], observed=True).size().rename("observed").reset_index()
    observed.columns = ["agency", "period", "observed"]
    led = rules["lead"].value_counts()
    observed["expected"] = observed["agency"].map(led).astype(int) * len(known["areas"])
    observed["share"] = observed["observed"] / observed["expected"]
    observed.to_parquet(folder / "completeness.parquet")
    names = pd.Series(rows["period"].cat.categories)
    quarter = names.str[:4] + "-Q" + ((names.str[5:].astype(int) + 2) // 3).astype(str)
    months = names.str[5:].astype(int)
    rows["quarter"] = pd.Categorical.from_codes(*_recode(rows["period"].cat.codes, quarter))
    rows["third"] = rows["value"].where(months.to_numpy()[rows["period"].cat.codes] % 3 == 0)
    grouped = rows.groupby(["subject", "area", "quarter"], observed=True)
    table = grouped.agg(total=("value", "sum"), months=("value", "count"), third=("third", "last")).reset_index()
    del rows, grouped
    rule = table["subject"].map(rules["over_time"]).astype(str)
    whole = table["months"] == 3
    table["value"] = np.select(
        [(rule == "sum") & whole, (rule == "mean") & whole, (rule == "last") & whole],
        [table["total"], table["total"] / 3, table["third"]],
        np.nan,
    )
    table = table.drop(columns=["total", "third"])
    adding = table["subject"].map(rules["over_areas"]).isin(["sum", "recompute"])
    made = table.iloc[:0]
    for level in known["levels"]:
        parts = [rows[rows["area"].isin(list(level))] for rows in (table[adding], made)]
        part = pd.concat([rows.assign(area=rows["area"].map(level).astype(str)) for rows in parts])
        up = part.groupby(["subject", "area", "quarter"], observed=True).agg(
            value=("value", "sum"), areas=("value", "count"), months=("months", "min")
        )
        up = up.reset_index()
        up["value"] = up["value"].where(up["areas"] == up["area"].map(pd.Series(level).value_counts()))
        made = pd.concat([made.astype({"area": str}), up.drop(columns="areas")], ignore_index=True)
    table = pd.concat([table, made], ignore_index=True)
    table = _pandas_ratios(table, rules)
    table.to_parquet(folder / "quarters.parquet", compression="lz4")
    figures = pq.read_table(folder / "as_of.parquet", columns=["value"])["value"].to_numpy()
    return _summary(problems, figures, table["value"].to_numpy(), observed)


def _recode(codes: pd.Series, names: pd.Series) -> tuple[np.ndarray, pd.Index]:
    found, labels = pd.factorize(names, sort=True)
    return found[codes], labels


def _pandas_ratios(table: pd.DataFrame, rules: pd.DataFrame) -> pd.DataFrame:
    """Recompute the ratios from their two counts."""
    ratios = rules[rules["over_time"] == "recompute"]
    parts = ratios["formula"].str.extract(r"(?P<first>\S+) / \(\S+ \+ (?P<second>\S+)\)")
    subject = table["subject"].astype(str)
    chosen = subject.isin(ratios.index)
    needed = set(parts["first"]) | set(parts["second"])
    keys = ["subject", "area", "quarter"]
    values = table[subject.isin(needed)].assign(subject=subject, area=table["area"].astype(str))[[*keys, "value"]]
    wanted = table.loc[chosen, ["area", "quarter"]].assign(area=table["area"].astype(str))
    for name in ("first", "second"):
        found = wanted.assign(subject=subject[chosen].map(parts[name])).merge(values, "left", keys)
        wanted[name] = found["value"].to_numpy()
    table.loc[chosen, "value"] = wanted["first"] / (wanted["first"] + wanted["second"]) * 100
    return table


def run_polars(source: Path, folder: Path, known: dict) -> dict:
    """Do the work with polars."""
    import polars as pl

    rules, families = known["rules"], known["families"]
    names = ["subject", "area", "item", "period", "measure", "dims", "unit", "status", "vintage", "recorded", "source"]
    rows = pl.read_parquet(source).with_columns(pl.col(names).cast(pl.Categorical))
    meta = pl.DataFrame(rules[["subject", "unit", "lead", "over_time", "over_areas"]].to_dict("list"))
    meta = meta.with_columns(pl.col("subject").cast(pl.Categorical), family=pl.col("unit").replace_strict(families))
    known_unit = pl.DataFrame({"unit": list(families), "given": list(families.values())})
    checks = (
        rows.lazy()
        .join(meta.lazy().select("subject", "family"), on="subject", how="left")
        .join(known_unit.lazy().with_columns(pl.col("unit").cast(pl.Categorical)), on="unit", how="left")
        .select(
            (
                pl.col("family").is_null()
                | pl.col("given").is_null()
                | (pl.col("family") != pl.col("given"))
                | ~pl.col("area").cast(pl.String).is_in(known["areas"])
                | ~pl.col("status").cast(pl.String).is_in(list(STATUSES))
                | pl.col("value").is_null()
            ).sum()
        )
    )
    problems = checks.collect().item() + len(rows) - rows.select(FULL_KEY).n_unique()
    rank = {status: -place for place, status in enumerate(STATUSES)}
    rows = (
        rows.sort("recorded", maintain_order=True)
        .unique([*KEY, "source", "vintage"], keep="last", maintain_order=True)
        .with_columns(
            rank=pl.col("status").cast(pl.String).replace_strict(rank, return_dtype=pl.Int8),
        )
        .sort("rank", "vintage", "recorded", maintain_order=True)
        .unique(KEY, keep="last", maintain_order=False)
        .drop("rank")
        .sort(KEY)
    )
    rows.write_parquet(folder / "as_of.parquet", compression="lz4")
    figures = rows["value"].to_numpy()
    lead = meta.select("subject", "lead")
    led = rules["lead"].value_counts()
    observed = rows.join(lead, on="subject").group_by("lead", "period").len("observed").rename({"lead": "agency"})
    observed = observed.with_columns(
        expected=pl.col("agency").replace_strict({k: int(v) * len(known["areas"]) for k, v in led.items()})
    ).with_columns(share=pl.col("observed") / pl.col("expected"))
    observed.write_parquet(folder / "completeness.parquet")
    text = pl.col("period").cast(pl.String)
    month = text.str.slice(5).cast(pl.Int8)
    calendar = (
        rows.select(pl.col("period").unique())
        .with_columns(quarter=text.str.slice(0, 4) + "-Q" + ((month + 2) // 3).cast(pl.String), third=(month % 3 == 0))
        .with_columns(pl.col("quarter").cast(pl.Categorical))
    )
    table = (
        rows.lazy()
        .select("subject", "area", "period", "value")
        .join(calendar.lazy(), on="period")
        .group_by("subject", "area", "quarter")
        .agg(total=pl.col("value").sum(), months=pl.len(), third=pl.col("value").filter(pl.col("third")).first())
        .join(meta.lazy().select("subject", "over_time", "over_areas"), on="subject")
        .with_columns(
            value=pl.when((pl.col("over_time") == "sum") & (pl.col("months") == 3))
            .then("total")
            .when((pl.col("over_time") == "mean") & (pl.col("months") == 3))
            .then(pl.col("total") / 3)
            .when((pl.col("over_time") == "last") & (pl.col("months") == 3))
            .then("third")
        )
        .drop("total", "third")
        .collect()
    )
    del rows
    made = [table.filter(pl.col("over_areas").is_in(["sum", "recompute"]))]
    for level in known["levels"]:
        above = pl.DataFrame({"area": list(level), "parent": list(level.values())})
        above = above.with_columns(pl.col("area").cast(pl.Categorical), needed=pl.len().over("parent"))
        up = (
            pl.concat(made)
            .join(above, on="area")
            .group_by("subject", "quarter", "parent", "over_time", "over_areas", "needed")
            .agg(pl.col("value").sum(), areas=pl.col("value").count(), months=pl.col("months").min())
            .with_columns(value=pl.when(pl.col("areas") == pl.col("needed")).then("value"))
            .with_columns(area=pl.col("parent").cast(pl.Categorical))
        )
        made.append(up.select(table.columns))
    table = pl.concat([table, *made[1:]])
    parts = rules[rules["over_time"] == "recompute"]["formula"].str.extract(r"(?P<a>\S+) / \(\S+ \+ (?P<b>\S+)\)")
    parts = pl.DataFrame({"subject": rules.loc[parts.index, "subject"].tolist(), **parts.to_dict("list")})
    parts = parts.with_columns(pl.all().cast(pl.Categorical))
    values = table.select("subject", "area", "quarter", "value")
    ratios = table.filter(pl.col("over_time") == "recompute").join(parts, on="subject")
    for name in ("a", "b"):
        right = values.rename({"subject": name, "value": f"{name}_value"})
        ratios = ratios.join(right, on=[name, "area", "quarter"], how="left")
    ratios = ratios.with_columns(value=pl.col("a_value") / (pl.col("a_value") + pl.col("b_value")) * 100)
    table = pl.concat([table.filter(pl.col("over_time") != "recompute"), ratios.select(table.columns)])
    table = table.sort("subject", "area", "quarter")
    table.write_parquet(folder / "quarters.parquet", compression="lz4")
    values = table["value"].fill_null(float("nan")).to_numpy()
    return _summary(problems, figures, values, observed.to_pandas())


MODULES = {"spark": "pyspark"}
ENGINES = {"nq57lab": run_large, "spark": run_spark, "pandas": run_pandas, "polars": run_polars}


def child(engine: str, source: Path, size: str) -> None:
    """Run one engine in this process and print its figures as JSON."""
    known = catalogue(*SIZES[size][:2])
    if engine != "pandas":
        importlib.import_module("polars" if engine == "polars" else "nq57lab.store.large.rules")
    with tempfile.TemporaryDirectory(dir=source.parent) as folder:
        before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        result = ENGINES[engine](source, Path(folder), known)
        seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    work = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps(result | {"engine": engine, "seconds": seconds, "cpu": work, "peak": used.ru_maxrss / 1024**2}))


def main() -> None:
    """Generate the data, run every engine, check that they agree, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenth", action="store_true", help="3,4 million rows")
    parser.add_argument("--full", action="store_true", help="34 million rows")
    parser.add_argument("--engines", default="nq57lab,pandas,polars", help="engines to run, by comma")
    parser.add_argument("--child", nargs=3, metavar=("ENGINE", "FILE", "SIZE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child[0], Path(options.child[1]), options.child[2])
        return
    size = "full" if options.full else "tenth" if options.tenth else "small"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "observations.parquet"
        rows = generate(source, size)
        print(f"{rows:,} rows ({MARK}), {source.stat().st_size / 1024**2:,.0f} MiB", flush=True)
        results = []
        for engine in options.engines.split(","):
            if engine != "nq57lab" and importlib.util.find_spec(MODULES.get(engine, engine)) is None:
                print(f"{engine}: not installed")
                continue
            command = [sys.executable, __file__, "--child", engine, str(source), size]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{engine}: failed ({done.returncode})\n{done.stderr[-2000:]}")
                continue
            results.append(json.loads(done.stdout.splitlines()[-1]))
    report(results)


def report(results: list[dict]) -> None:
    """Print time, peak memory and the ratio to the first engine; say whether all found the same."""
    first = results[0]
    print(f"| engine | time (s) | processor time (s) | peak memory (GiB) | time ÷ {first['engine']} |")
    print("|---|---:|---:|---:|---:|")
    for result in results:
        ratio = result["seconds"] / first["seconds"]
        numbers = f"{result['seconds']:.2f} | {result['cpu']:.2f} | {result['peak']:.2f} | {ratio:.1f}"
        print(f"| {result['engine']} | {numbers} |")
    for result in results:
        same = all(result[name] == first[name] for name in ("problems", "figures", "quarters"))
        same &= bool(np.allclose(result["sums"], first["sums"], rtol=1e-9))
        if not same:
            print(f"{result['engine']} differs: {result}\n{first['engine']}: {first}")
    print({name: first[name] for name in ("problems", "figures", "quarters")}, first.get("steps", ""))


if __name__ == "__main__":
    main()
