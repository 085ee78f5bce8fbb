"""A composite index at the door: build, scores, ranks, coverage, stages, changes, diagnosis, uncertainty, comparison, charts, a workbook.

iData, iMeta and a configuration in, an :class:`Index` out; the sentences, tables and charts are those of notebook 03.
"""

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from nq57lab.base import wording
from nq57lab.base.problems import CallError, Problem
from nq57lab.charts import basic
from nq57lab.composite import examples, figures, pages
from nq57lab.composite.laboratory import files, inputs, pipeline, steps
from nq57lab.composite.laboratory.inputs import Inputs
from nq57lab.composite.laboratory.parts.reading import read_table
from nq57lab.composite.results import figures as structure
from nq57lab.composite.results import tables as result_tables
from nq57lab.composite.results import workbook
from nq57lab.composite.robustness import diagnose
from nq57lab.composite.study import Study, of_inputs
from nq57lab.documents.edition import Edition, Piece, words
from nq57lab.door import asked
from nq57lab.door.indices.choices import PLAIN, changed_steps, two_tables
from nq57lab.door.indices.questions import Questions
from nq57lab.door.own.page import OwnPage
from nq57lab.door.result import Builder, Maker, Result, Session, workbook_file

RUNS, SEED = 512, 1  # those of notebook 03


class Index(Questions):
    """A composite index: :attr:`frame` lists the units from the best.

    Parameters
    ----------
    checked : Inputs
        Checked tables.
    config : dict
        The configuration (steps, uncertain …).
    folder : Path
        Where files named in the configuration are looked for.
    page : Edition
        Writes its figures.
    lang : str
        Language of the heads.
    runs, seed : int
        Of the uncertainty that the default chart and sentence tell (:meth:`uncertainty`).
    unit : str
        The unit whose strengths and weaknesses the table ``profile`` lists (default: the first).

    Notes
    -----
    ``frame`` has uCode, uName (Time in a panel), the index and its pillars on the scale of the normalisation, rank (1 is best), coverage
    (the share of the index's weight that rests on figures). A score on part of the figures has a mark (◦) in tables and charts.

    Examples
    --------
    >>> table = pd.DataFrame({"uCode": ["x", "y", "z"], "a": [1, 2, 4], "b": [3, None, 9]})
    >>> meta = pd.DataFrame({"Level": [1, 1, 2], "iCode": ["a", "b", "I"], "Direction": 1, "Weight": 1,
    ...     "Parent": ["I", "I", None], "Type": ["Indicator", "Indicator", "Aggregate"]})
    >>> index = Index.read(table, meta)
    >>> index.frame[["uCode", "rank", "coverage"]].values.tolist()
    [['z', 1.0, 1.0], ['y', 2.0, 0.5], ['x', 3.0, 1.0]]
    >>> index.change(aggregate="geometric").ranks["I"].tolist()
    [3.0, 2.0, 1.0]
    """

    def __init__(
        self,
        checked: Inputs,
        config: dict[str, Any],
        folder: Path,
        page: Edition,
        lang: str = "vi",
        *,
        runs: int = RUNS,
        seed: int = SEED,
        unit: str = "",
    ):
        self.inputs, self.config, self._folder = checked, config, folder
        self._told, self._unit = (_runs(runs), seed), unit
        self.build = pipeline.build(checked, steps.read(config, checked.framework), folder)
        code = self.build.framework.root
        title = str(config.get("title") or self.build.framework.names[code])
        super().__init__(
            self._ranked(),
            title,
            page,
            self._sentence,
            tables={"ranking": self._ranking} | self._profile(),
            charts={"ranked": self._bars()} | self._pictures(),
            name="chi-so",
            notes=f"{wording.capital(checked.note)}." if checked.note else "",
            lang=lang,
        )

    @classmethod
    def read(
        cls,
        data: str | Path | pd.DataFrame,
        meta: str | Path | pd.DataFrame | None = None,
        config: str | Path | dict[str, Any] | list | None = None,
        *,
        lang: str = "vi",
        **told: Any,
    ) -> "Index":
        """Read iData, iMeta and the configuration of an index, check them and build it.

        Parameters
        ----------
        data, meta : path or DataFrame
            The tables (data/examples/README.md describes them): CSV with commas or semicolons, .xlsx. Without ``meta``, ``data`` is a
            workbook of the COIN Tool, or one with a sheet for each table.
        config : path, dict or list, optional
            The configuration, or its steps alone; default minmax from 0 to 100 and the weighted arithmetic mean.
        lang : str
            vi, en.
        **told
            runs, seed, unit.

        Raises
        ------
        ProblemError
            With every problem of the tables and the configuration.
        """
        folder, found = Path(), config if isinstance(config, dict) else {"steps": PLAIN if config is None else config}
        found = steps.composed(found)
        if isinstance(config, str | Path):
            folder, found = Path(config).parent, files.read_config(asked.file(config, "config"))
        texts, labels = [], []
        if meta is None and not isinstance(data, pd.DataFrame):
            data, meta = two_tables(asked.file(data, "iData"))
        for table, known, label in ((data, ("ucode",), "iData"), (meta, ("icode",), "iMeta")):
            own = isinstance(table, pd.DataFrame)
            texts.append(table if own else read_table(asked.file(table, label), known))  # type: ignore[arg-type]
            labels.append(label if own else Path(table).name)  # type: ignore[arg-type]
        return cls(inputs.check(texts[0], texts[1], *labels), found, folder, OwnPage(labels[0]), lang, **told)

    @classmethod
    def of_lab(cls, lab: Session, name: str, table: pd.DataFrame | None = None, **told: Any) -> "Index":
        """Return an index of the project: an example of ``data/examples``, or a folder's.

        Parameters
        ----------
        lab : Session
        name : str
            "provinces", on generated figures, which carry their mark; "governance" and "governance_panel", on published ones; a published
            example (hdi, egdi, gii, pci), of ``table``; or a folder of the
            project that holds iData.csv, iMeta.csv, index.yml.
        table : DataFrame, optional
            The published table of the example (``data/examples/README.md``).
        **told
            runs, seed, unit.

        Raises
        ------
        CallError
            For no such example or folder, or an example without its table.
        """
        root, shelf = lab.edition.root, lab.edition.root / "data" / "examples"
        asked.text(name, "index")
        for place in (root / name, shelf / name):
            if (place / "iData.csv").exists():
                found = inputs.load(place / "iData.csv", place / "iMeta.csv")
                return cls(found, files.read_config(place / "index.yml"), place, lab.edition, lab.lang, **told)
        folder = shelf / asked.one_of(name, examples.names(shelf), "index")
        if name == examples.GENERATED:
            data = examples.provincial(lab.edition.catalogue)
            meta = pd.read_csv(folder / "iMeta.csv", dtype=str, keep_default_na=False)
        elif table is None:
            wanted = pd.read_csv(folder / "columns.csv")["column"]
            raise CallError([Problem("own_frame", "table", found="–", details={"columns": ", ".join(wanted)})])
        else:
            data, meta = examples.published(folder, table)
        config = files.read_config(folder / examples.configuration(folder, data))
        return cls(inputs.check(data, meta), config, folder, lab.edition, lab.lang, **told)

    @property
    def scores(self) -> pd.DataFrame:
        """uCode (and Time), the index, every aggregate and every normalised indicator."""
        return self.build.scores.copy()

    @property
    def ranks(self) -> pd.DataFrame:
        """The same columns as ranks, 1 for the best, within a time."""
        return self.build.ranks.copy()

    @property
    def coverage(self) -> pd.DataFrame:
        """The same columns as the share of each score's weight that rests on figures: 1 where no part is missing."""
        return self.build.coverage.copy()

    @property
    def weights(self) -> pd.DataFrame:
        """iCode, Level, Parent, Weight (within the parent), effective (share of the index)."""
        return files.weights_table(self.build)

    @property
    def stages(self) -> dict[str, pd.DataFrame]:
        """The table after each step, by the step's name."""
        return {name: table.copy() for name, table in self.build.stages}

    @property
    def changes(self) -> pd.DataFrame:
        """Every cell that a step changed, every unit left out, every score missing, with the reason."""
        return self.build.changes.copy()

    def uncertainty(self, runs: int | None = None, seed: int | None = None) -> Result:
        """Return how far the ranks move when the assumptions listed under ``uncertain`` do.

        Parameters
        ----------
        runs : int
            N: a Sobol design builds the index N (d + 2) times, d the number of assumptions (default: the index's own, 512).
        seed : int
            Everything random follows from it (default: the index's own, 1).

        Returns
        -------
        Result
            uCode, nominal, mean, median, q05, q95, p_top_k (0 to 1), runs. Tables: certainty. Charts: ranked, sensitivity, shifts.

        Raises
        ------
        CallError
            If the configuration has no ``uncertain``, or the runs are none.
        """
        if "uncertain" not in self.config:
            raise CallError([Problem("no_uncertain", self.title, found="–")])
        told = (self._told[0] if runs is None else _runs(runs), self._told[1] if seed is None else seed)
        found = self._study if told == self._told else self._studied(*told)
        charts = {"ranked": figures.ranked(found), "sensitivity": figures.sensitivity(found)}
        return Result(
            found.ranks,
            f"Độ chắc chắn của thứ hạng, {told[0]} lượt",
            self._page,
            lambda: pages.certainty_finding(self._page, found),
            tables={"certainty": lambda: pages.certainty_table(self._page, found)},
            charts=charts | {"shifts": figures.shifts(found)},
            name="do-chac-chan",
            notes=self.notes,
            lang=self.lang,
        )

    def diagnose(self) -> Result:
        """Return how consistent each pillar is: Cronbach's alpha, KMO, the first component's share.

        Returns
        -------
        Result
            code, children, alpha, alpha_standardised, kmo, first_component (0 to 1). Tables: reliability, influence. Chart: treated.
        """
        found = self._plain_study
        return Result(
            diagnose.reliability(self.build),
            "Chẩn đoán chỉ số",
            self._page,
            lambda: pages.treatment_finding(self._page, found),
            tables={
                "reliability": lambda: pages.reliability_table(self._page, found),
                "influence": lambda: pages.influence_table(self._page, found),
            },
            charts={"treated": figures.treated(found)},
            name="chan-doan",
            notes=self.notes,
            lang=self.lang,
        )

    def results(self, use: str = "scores", group: str = "") -> pd.DataFrame:
        """Return everything in one table, the best unit first: groups, rank, coverage, the aggregates from the top, the indicators.

        Parameters
        ----------
        use : str
            scores, ranks, or group_ranks (within ``group``).
        group : str
            A group of iMeta.

        Raises
        ------
        CallError
            For another use, or a group that is not there.
        """
        asked.one_of(use, ["scores", "ranks", "group_ranks"], "use")
        if use == "group_ranks":
            group = asked.one_of(group, list(self.build.framework.groups), "group")
        return result_tables.results(self.build, use, group)

    def compare(self, *others: "Index", **named: "Index") -> Result:
        """Return this index beside others: ranks in each, rank correlations and shifts (table ``agreement``).

        Raises
        ------
        CallError
            If no other index is given.
        """
        for own in (*others, *named.values()):
            asked.index(own, Index, "compare")
        listed = {f"{own.title} ({place})": own for place, own in enumerate(others, start=2)} | named
        if not listed:
            raise CallError([Problem("required", "compare", found="–")])
        return self._compared({self.title: self.build} | {name: own.build for name, own in listed.items()})

    def change(self, drop: tuple[str, ...] | list[str] = (), title: str = "", **steps_: Any) -> "Index":
        """Return another index with some choices changed; this one stays as it is.

        Parameters
        ----------
        drop : sequence of str
            Elements left out, with all below them.
        title : str
            What the new one is called.
        **steps_
            A step's name to its new parameters: a method (``aggregate="geometric"``), a mapping of parameters set anew
            (``treat={"winmax": 1}``), or None to leave the step out. A step that the configuration lacks goes where COINr has it.

        Raises
        ------
        CallError, ProblemError
            For an element or a step that is not there, or parameters that cannot be.
        """
        frame = self.inputs.framework
        drop = [asked.one_of(code, list(frame.parents), "drop") for code in drop]
        config = self.config | {"steps": steps.composed(changed_steps(self.config["steps"], steps_))}
        config |= {"title": title} if title else {}
        kept = self.inputs.without(set(drop)) if drop else self.inputs
        told: dict[str, Any] = {"runs": self._told[0], "seed": self._told[1], "unit": self._unit}
        return Index(kept, config, self._folder, self._page, self.lang, **told)

    def scatter(self, x: str, y: str, group: str = "") -> Piece:
        """Return a chart of the units by two elements, coloured by a group of iMeta."""
        frame = self.build.framework
        x, y = (asked.one_of(code, list(frame.levels), "scatter") for code in (x, y))
        group = asked.one_of(group, list(frame.groups), "group") if group else ""
        builder = structure.scatter(self._plain_study, x, y, group)
        return self._traced(lambda: self._page.chart(builder, f"fig-{self._name}-diem-{x}-{y}".lower()))

    def distribution(self, code: str = "") -> Piece:
        """Return a chart of an element's distribution, before and after its treatment; default the most skewed indicator."""
        code = asked.one_of(code, list(self.build.framework.levels), "distribution") if code else ""
        builder = structure.distribution(self._plain_study, code)
        return self._traced(lambda: self._page.chart(builder, f"fig-{self._name}-phan-phoi-{code}".lower().rstrip("-")))

    def to_excel(self, path: str | Path) -> Path:
        """Write the whole index as a workbook: notes, results, ranks, coverage, weights, statistics, a sheet a stage, every change.

        Raises
        ------
        ProblemError
            If the file is not named .xlsx.
        """
        return workbook.write(self.build, workbook_file(path), title=self.title, lang=self.lang)

    def __repr__(self) -> str:
        frame = self.build.framework
        steps_ = " → ".join(step.name for step in self.build.steps)
        partial = int((self.build.coverage[frame.root] < 1 - 1e-9).sum())
        told = f"; {partial} trên một phần số liệu" if partial else ""
        size = f"{len(self.build.scores)} × {len(frame.indicators)}"
        return f"<Index {self.title}: {size}, {len(frame.aggregates)} tổng hợp; {steps_}{told}>"

    def _studied(self, runs: int, seed: int) -> Study:
        return of_inputs(self.inputs, self.config, self._folder, runs, seed, self._unit)

    @cached_property
    def _study(self) -> Study:
        return self._studied(*self._told)

    def _ranked(self) -> pd.DataFrame:
        """Return units from the best: the index and the aggregates below it, and the rank."""
        frame = self.build.framework
        listed = [frame.root, *(code for code in frame.children(frame.root) if code in frame.aggregates)]
        keys = [name for name in ("uCode", "Time") if name in self.build.scores]
        table = self.build.scores[[*keys, *listed]].assign(rank=self.build.ranks[frame.root].to_numpy())
        table["coverage"] = self.build.coverage[frame.root].to_numpy()
        names = self.inputs.units.drop_duplicates("uCode").set_index("uCode")["uName"]
        table.insert(1, "uName", table["uCode"].map(names))
        return table.sort_values([*keys[1:], "rank"], kind="stable").reset_index(drop=True)

    def _sentence(self) -> Piece:
        """Say who leads and who trails; with assumptions to vary, also how certain that is, as notebook 03 does."""
        if "uncertain" in self.config and not self.many_times:
            return pages.finding(self._page, self._study)
        page, frame = self._page, self._frame.dropna(subset=["rank"])
        page.figures.place = "kết luận chỉ số tổng hợp"
        root, rows = self.build.framework.root, ("iData.csv",)
        when = f" ({frame['Time'].iloc[-1]})" if "Time" in frame else ""
        frame = frame[frame["Time"] == frame["Time"].iloc[-1]] if "Time" in frame else frame
        first, last = frame.iloc[0], frame.iloc[-1]
        whole = page.count(len(frame), "số đơn vị có điểm", rows)
        best, worst = (
            page.computed(row[root], f"điểm {root}", rows, decimals=_decimals(frame[root])) for row in (first, last)
        )
        parts = page.count(len(self.build.framework.indicators), "số chỉ số thành phần", rows)
        if len(frame) == 1:
            text = f"**{first['uName']} được {best} điểm{when}; một đơn vị không có thứ hạng để so.**"
        elif first["rank"] == last["rank"]:
            text = f"**{whole} đơn vị cùng được {best} điểm{when}: không có đơn vị đứng đầu.**"
        else:
            text = f"**{first['uName']} đứng đầu {whole} đơn vị{when} với {best} điểm, {last['uName']} cuối với {worst} điểm.**"
        text += f" Chỉ số gồm {parts} chỉ số thành phần."
        return page.piece(text)

    def _ranking(self) -> Piece:
        page, frame, table = self._page, self.build.framework, self._frame
        page.figures.place = "bảng xếp hạng"
        listed = [name for name in table.columns if name in frame.names]
        status, rows = ("illustrative", ("bộ sinh số",)) if self.inputs.note else ("", ("iData.csv",))
        cells = pd.DataFrame(
            {
                "Hạng": [page.computed(rank, "hạng", rows, status=status) for rank in table["rank"]],
                "Đơn vị": table["uName"].astype(str) + table["coverage"].map(_mark),
            }
        )
        if "Time" in table:
            cells["Kỳ"] = table["Time"].astype(str)
        for code in listed:
            places = _decimals(table[code])
            cells[frame.names[code]] = [
                page.computed(value, f"điểm {code}", rows, decimals=places, status=status) for value in table[code]
            ]
        notes = self.notes
        if (table["coverage"] < 1 - 1e-9).any():
            cells["Độ phủ (%)"] = [
                page.computed(share * 100, "phần trọng số có số liệu", rows, status=status)
                for share in table["coverage"]
            ]
            notes = f"{notes} {figures.PARTIAL}".strip()
        width, texts = max(6, 100 // cells.shape[1]), ("Đơn vị", "Kỳ")
        columns = [f"{'l' if head in texts else 'r'}{width}" for head in cells]
        return page.table(cells, self.title, "tbl-xep-hang", columns, notes)

    def _profile(self) -> dict[str, Maker]:
        """Return the table of a unit's strengths and weaknesses; a panel has none."""
        if self.many_times:
            return {}
        return {"profile": lambda: pages.profile_table(self._page, self._plain_study)}

    def _bars(self) -> Builder:
        """Return the builder of the default chart: with rank intervals where assumptions vary, else plain bars of the newest time."""

        def build(edition: Edition):
            if "uncertain" in self.config and not self.many_times:
                return figures.ranked(self._study)(edition)
            table = self._frame.dropna(subset=["rank"])
            table = table[table["Time"] == table["Time"].iloc[-1]] if "Time" in table else table
            root = self.build.framework.root
            labels = [
                edition.computed(v, f"điểm {root}", ("iData.csv",), decimals=_decimals(table[root]), markup=False)
                for v in table[root]
            ]
            names = table["uName"].astype(str) + table["coverage"].map(_mark)
            frame = pd.DataFrame({"name": names, "value": table[root], "label": labels})
            title = f"{table['uName'].iloc[0]} đứng đầu với {labels[0]} điểm"
            alt = f"Biểu đồ thanh điểm của {len(frame)} đơn vị. {title}."
            partial = f". {figures.PARTIAL}" if (table["coverage"] < 1 - 1e-9).any() else ""
            return (lambda size: basic.bars(frame.reset_index(drop=True), sort=False, size=size)), words(
                title, self.title + partial, "Xếp hạng", alt
            )

        return build

    def _pictures(self) -> dict[str, Builder]:
        """Return the builders that need no uncertainty, made when one is drawn; what is of one time only is not of a panel."""

        def later(make, *more, **options) -> Builder:
            return lambda edition: make(self._plain_study, *more, **options)(edition)

        found = {"framework": later(structure.framework), "sunburst": later(structure.framework, rings=True)}
        if self.many_times:
            return {"lines": later(structure.lines)} | found
        found |= {
            **{"heat": later(figures.heat), "contributions": later(figures.contributions)},
            **{"correlations": later(structure.correlation_map), "distribution": later(structure.distribution)},
        }
        if any(step.name == "treat" for step in self.build.steps):
            found["before_after"] = later(figures.treated)
        return found | {"map": later(figures.tiles)}


def _mark(share: float) -> str:
    """Return the mark of a score that rests on part of the figures."""
    return " ◦" if share < 1 - 1e-9 else ""


def _runs(runs: object) -> int:
    """Return a number of runs.

    Raises
    ------
    CallError
        If it is none.
    """
    if isinstance(runs, bool) or not isinstance(runs, int) or not 2 <= runs <= 1_000_000:
        raise CallError([Problem("whole_number", "runs", found=str(runs), details={"low": 2, "high": 1_000_000})])
    return runs


def _decimals(values: pd.Series) -> int:
    size = float(values.abs().max())
    return 3 if size <= 1.5 else 2 if size <= 20 else 1
