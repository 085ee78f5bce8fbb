"""A composite index at the door: scores, ranks, stages and changes, its uncertainty, its diagnosis; of any table or of the provincial example.

iData, iMeta and a configuration in, an :class:`Index` out; the sentences, tables and charts are those of notebook 03.
"""

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from nq57lab.base import wording
from nq57lab.base.problems import CallError, Problem
from nq57lab.charts import basic
from nq57lab.composite import figures, pages
from nq57lab.composite.laboratory import examples, files, inputs, pipeline, steps
from nq57lab.composite.laboratory.inputs import Inputs
from nq57lab.composite.robustness import diagnose
from nq57lab.composite.study import Study, of_inputs
from nq57lab.documents.edition import Edition, Piece, words
from nq57lab.door import asked
from nq57lab.door.own.page import OwnPage
from nq57lab.door.result import Builder, Maker, Result, Session

RUNS, SEED = 512, 1  # those of notebook 03


class Index(Result):
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
    ``frame`` has uCode, uName (Time in a panel), the index and its pillars on the scale of the normalisation, rank (1 is best).
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
    def read(cls, data: str | Path, meta: str | Path, config: str | Path) -> "Index":
        """Read iData, iMeta and the configuration of an index, check them and build it.

        Parameters
        ----------
        data, meta, config : path
            The files (docs/phuong-phap.md describes them).

        Raises
        ------
        ProblemError
            With every problem of the files.
        """
        folder = Path(config).parent
        found = files.read_config(Path(config))
        return cls(inputs.load(Path(data), Path(meta)), found, folder, OwnPage(Path(data).name))

    @classmethod
    def of_lab(cls, lab: Session, name: str, table: pd.DataFrame | None = None, **told: Any) -> "Index":
        """Return an index of the project: an example of ``data/examples``, or a folder's.

        Parameters
        ----------
        lab : Session
        name : str
            "provinces", on generated figures, which carry their mark; a published example (hdi, egdi, gii, pci), of ``table``; or a folder of the
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
        if (root / name / "iData.csv").exists():
            found = inputs.load(root / name / "iData.csv", root / name / "iMeta.csv")
            return cls(found, files.read_config(root / name / "index.yml"), root / name, lab.edition, lab.lang, **told)
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

    def _studied(self, runs: int, seed: int) -> Study:
        return of_inputs(self.inputs, self.config, self._folder, runs, seed, self._unit)

    @cached_property
    def _study(self) -> Study:
        return self._studied(*self._told)

    @cached_property
    def _plain_study(self) -> Study:
        """The study without its uncertainty: what needs none is written from it."""
        names = dict(zip(self.inputs.units["uCode"], self.inputs.units["uName"], strict=True))
        best = self._unit or (str(self._frame["uCode"].iloc[0]) if len(self._frame) else "")
        none: Any = None
        ranks = pd.DataFrame({"uCode": self.build.scores["uCode"]}).drop_duplicates()
        told = (self.inputs, self.config, self.build, self.build, none, ranks, pd.DataFrame(), names, best)
        return Study(*told, generated=self.inputs.note == examples.NOTE)

    def _ranked(self) -> pd.DataFrame:
        """Return units from the best: the index and the aggregates below it, and the rank."""
        frame = self.build.framework
        listed = [frame.root, *(code for code in frame.children(frame.root) if code in frame.aggregates)]
        keys = [name for name in ("uCode", "Time") if name in self.build.scores]
        table = self.build.scores[[*keys, *listed]].assign(rank=self.build.ranks[frame.root].to_numpy())
        names = self.inputs.units.drop_duplicates("uCode").set_index("uCode")["uName"]
        table.insert(1, "uName", table["uCode"].map(names))
        return table.sort_values([*keys[1:], "rank"], kind="stable").reset_index(drop=True)

    def _sentence(self) -> Piece:
        """Say who leads and who trails; with assumptions to vary, also how certain that is, as notebook 03 does."""
        if "uncertain" in self.config and "Time" not in self._frame:
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
        text = (
            f"**{first['uName']} đứng đầu {whole} đơn vị{when} với {best} điểm, {last['uName']} cuối với {worst} điểm.** "
            f"Chỉ số gồm {parts} chỉ số thành phần."
        )
        return Piece(page._plain(text))

    def _ranking(self) -> Piece:
        page, frame, table = self._page, self.build.framework, self._frame
        page.figures.place = "bảng xếp hạng"
        listed = [name for name in table.columns if name in frame.names]
        status, rows = ("illustrative", ("bộ sinh số",)) if self.inputs.note else ("", ("iData.csv",))
        cells = pd.DataFrame(
            {
                "Hạng": [page.computed(rank, "hạng", rows, status=status) for rank in table["rank"]],
                "Đơn vị": table["uName"].astype(str),
            }
        )
        if "Time" in table:
            cells["Kỳ"] = table["Time"].astype(str)
        for code in listed:
            places = _decimals(table[code])
            cells[frame.names[code]] = [
                page.computed(value, f"điểm {code}", rows, decimals=places, status=status) for value in table[code]
            ]
        align = "r" + "l" * (cells.shape[1] - 1 - len(listed)) + "r" * len(listed)
        widths = [max(6, 100 // cells.shape[1])] * cells.shape[1]
        return page.table(cells, self.title, "tbl-xep-hang", align, widths, self.notes, wide=True)

    def _profile(self) -> dict[str, Maker]:
        """Return the table of a unit's strengths and weaknesses; a panel has none."""
        if "Time" in self.build.scores:
            return {}
        return {"profile": lambda: pages.profile_table(self._page, self._plain_study)}

    def _bars(self) -> Builder:
        """Return the builder of the default chart: with rank intervals where assumptions vary, else plain bars of the newest time."""

        def build(edition: Edition):
            if "uncertain" in self.config and "Time" not in self._frame:
                return figures.ranked(self._study)(edition)
            table = self._frame.dropna(subset=["rank"])
            table = table[table["Time"] == table["Time"].iloc[-1]] if "Time" in table else table
            root = self.build.framework.root
            labels = [
                edition.computed(v, f"điểm {root}", ("iData.csv",), decimals=_decimals(table[root]), markup=False)
                for v in table[root]
            ]
            frame = pd.DataFrame({"name": table["uName"].astype(str), "value": table[root], "label": labels})
            title = f"{frame['name'].iloc[0]} đứng đầu với {labels[0]} điểm"
            alt = f"Biểu đồ thanh điểm của {len(frame)} đơn vị. {title}."
            return (lambda size: basic.bars(frame.reset_index(drop=True), sort=False, size=size)), words(
                title, self.title, "Xếp hạng", alt
            )

        return build

    def _pictures(self) -> dict[str, Builder]:
        """Return the builders that need no uncertainty, made when one is drawn; a panel has none of them."""
        if "Time" in self.build.scores:
            return {}

        def later(make) -> Builder:
            return lambda edition: make(self._plain_study)(edition)

        found = {"heat": later(figures.heat), "contributions": later(figures.contributions)}
        return found | ({"map": later(figures.tiles)} if self.inputs.note == examples.NOTE else {})


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
