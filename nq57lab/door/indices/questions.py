"""What is asked of an index beyond its ranking: statistics, correlations, a unit's profile, trends, what it would take, robust pairs.

Methods of :class:`~nq57lab.door.index.Index`; each sentence's figures are traced as those of reports.
"""

import unicodedata
from dataclasses import replace
from functools import cached_property
from typing import Any

import pandas as pd

from nq57lab.base.problems import CallError, Problem
from nq57lab.composite import examples, pages
from nq57lab.composite.laboratory.inputs import Inputs
from nq57lab.composite.laboratory.parts.fields import reason
from nq57lab.composite.laboratory.pipeline import Build
from nq57lab.composite.results import figures, tables
from nq57lab.composite.robustness import diagnose, margins
from nq57lab.composite.study import Study, write
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Piece
from nq57lab.door import asked, shown
from nq57lab.door.result import Result

TOP = 10  # of the ranking, where a configuration names no other
USUAL = plain_numbers.constant(f"{margins.RANGE:.0%}", "mức dao động thường thử của trọng số")


class Questions(Result):
    """The questions that an index answers from its build alone."""

    build: Build
    inputs: Inputs
    config: dict[str, Any]
    _unit: str

    @property
    def many_times(self) -> bool:
        """Whether the tables hold several times."""
        return self.inputs.units["Time"].nunique() > 1

    @cached_property
    def _plain_study(self) -> Study:
        """The study without its uncertainty: what needs none is written from it."""
        names = dict(zip(self.inputs.units["uCode"], self.inputs.units["uName"], strict=True))
        best = self._unit or (str(self._frame["uCode"].iloc[0]) if len(self._frame) else "")
        none: Any = None
        ranks = pd.DataFrame({"uCode": self.build.scores["uCode"]}).drop_duplicates()
        told = (self.inputs, self.config, self.build, self.build, none, ranks, pd.DataFrame(), names, best)
        return Study(*told, generated=self.inputs.note == examples.NOTE)

    def _study_of(self, unit: str) -> Study:
        return replace(self._plain_study, unit=unit)

    def _result(self, frame: pd.DataFrame, title: str, text, name: str, **more) -> Result:
        def finding() -> Piece:
            self._page.figures.place = title
            return self._page.piece(text())

        return Result(frame, title, self._page, finding, name=name, notes=self.notes, lang=self.lang, **more)

    def _number(self, value: float, formula: str, decimals: int = 0) -> str:
        return write(self._page, self._plain_study, float(value), formula, decimals=decimals)

    def statistics(self) -> Result:
        """Return the statistics of every indicator as given and after each step, with flags."""
        table = tables.statistics(self.build)
        raw = table[table["stage"] == tables.RAW]

        def text() -> str:
            flagged = self._number((raw["flag"] != "").sum(), "chỉ số có cờ báo ở số liệu gốc")
            whole = self._number(len(raw), "số chỉ số thành phần")
            gaps = self._number(raw["missing"].sum(), "số ô thiếu")
            return f"**{flagged}/{whole} chỉ số có cờ báo ở số liệu gốc; {gaps} ô thiếu.** Từng bước và từng chỉ số có trong .frame."

        return self._result(table, "Thống kê từng bước", text, "thong-ke")

    def correlations(self, level: int | str = 1, other: int | str | None = None, method: str = "pearson") -> Result:
        """Return correlations within a level, between two, or with the "denominators": r, p, flags.

        Parameters
        ----------
        level, other : int or "denominators"
        method : str
            pearson, spearman, kendall.
        """
        asked.one_of(method, list(tables.METHODS), "method")
        levels = sorted(set(self.build.framework.levels.values()))
        for wanted in (level, other):
            if wanted not in (None, "denominators", *levels):
                allowed = ", ".join(map(str, [*levels, "denominators"]))
                raise CallError([Problem("values", "level", found=str(wanted), details={"allowed": allowed})])
        table = tables.correlations(self.build, level, other, method=method)

        def text() -> str:
            if table["correlation"].isna().all():
                return "**Không cặp nào có tương quan xác định.**"
            count = self._number(len(table), "số cặp")
            top = table.loc[table["correlation"].abs().idxmax()]
            r = self._number(top["correlation"], f"tương quan {top['one']}, {top['other']}", 2)
            certain = self._number((table["p"] < 0.05).sum(), "cặp có p dưới 0,05")
            return f"**Trong {count} cặp, {top['one']} và {top['other']} tương quan mạnh nhất ({r}); {certain} cặp có ý nghĩa thống kê.**"

        same = other in (None, level) and level != "denominators" and not self.many_times
        charts = {"map": figures.correlation_map(self._plain_study, int(level))} if same else {}
        return self._result(table, "Tương quan", text, "tuong-quan", charts=charts)

    def _compared(self, builds: dict[str, Build]) -> Result:
        """Return several builds side by side (:func:`tables.compare_many`); the table ``agreement`` has the rank correlations."""
        ranks, agreement = tables.compare_many(builds)

        def text() -> str:
            first = agreement.iloc[0]
            rho = self._number(first["spearman"], f"tương quan hạng Spearman {first['one']}, {first['other']}", 3)
            mean = self._number(first["mean_shift"], "đổi hạng bình quân", 1)
            most = self._number(ranks["spread"].max(), "chênh lệch hạng lớn nhất của một đơn vị")
            return f"**So với “{first['other']}”, mỗi đơn vị đổi bình quân {mean} hạng (tương quan hạng {rho}); một đơn vị chênh nhiều nhất {most} hạng.**"

        def listed() -> Piece:
            return shown.table(self._page, agreement, "Mức giống nhau của thứ hạng", "tbl-so-sanh-muc", "", self.lang)

        def whole() -> Piece:
            return shown.table(self._page, ranks, "Hạng theo từng cách tính", "tbl-so-sanh", self.notes, self.lang)

        return self._result(
            ranks, "So sánh các cách tính", text, "so-sanh", tables={"ranks": whole, "agreement": listed}
        )

    def profile(self, unit: str, time: str = "", count: int = 5) -> Result:
        """Return a unit's strengths and weaknesses; ``unit`` is a code or a name."""
        units = self.build.scores["uCode"].drop_duplicates().tolist()
        if asked.text(unit, "unit") not in units:
            near = self.inputs.units.loc[self.inputs.units["uName"] == unicodedata.normalize("NFC", unit), "uCode"]
            unit = str(near.iloc[0]) if len(near) else asked.one_of(unit, units, "unit")
        if time:
            times = self.inputs.units.loc[self.inputs.units["uCode"] == unit, "Time"]
            asked.one_of(time, [one for one in times if one] or ["–"], "time")
        table = diagnose.profile(self.build, unit, time, count=count)
        name = dict(zip(self.inputs.units["uCode"], self.inputs.units["uName"], strict=True))[unit]

        def text() -> str:
            root = self.build.framework.root
            rows = self.build.ranks[self.build.ranks["uCode"] == unit]
            rank = self._number(rows[root].iloc[-1], f"hạng của {unit}")
            sides = {kind: ", ".join(part["name"].head(3)) for kind, part in table.groupby("kind", sort=False)}
            said = "; ".join(f"{kind} nhất ở {listed}" for kind, listed in sides.items())
            return f"**{name} hạng {rank}" + (f"; {said}.**" if said else ".**")

        made = {} if self.many_times else {"profile": lambda: pages.profile_table(self._page, self._study_of(unit))}
        return self._result(table, f"Hồ sơ {name}", text, "ho-so-don-vi", tables=made)

    def trends(self, codes: list[str] | None = None) -> Result:
        """Return how scores moved from the first to the last time of a panel; a table of one time has none."""
        if not self.many_times:
            raise CallError([Problem("index_no_panel", self.title, found="–")])
        codes = [asked.one_of(code, list(self.build.framework.levels), "trends") for code in codes or ()] or None
        table = tables.trends(self.build, codes)

        def text() -> str:
            own = table[table["iCode"] == table["iCode"].iloc[0]]
            best = own.loc[own["change"].idxmax()]
            change = self._number(best["change"], f"thay đổi điểm của {best['uCode']}", 1)
            up = self._number((own["change"] > 0).sum(), "số đơn vị tăng điểm")
            whole = self._number(len(own), "số đơn vị có từ hai kỳ")
            name = dict(zip(self.inputs.units["uCode"], self.inputs.units["uName"], strict=True))[best["uCode"]]
            return f"**{up}/{whole} đơn vị tăng điểm từ kỳ {best['first_time']} đến kỳ {best['last_time']}; {name} tăng nhiều nhất ({change}).**"

        return self._result(table, "Xu hướng", text, "xu-huong", charts={"lines": figures.lines(self._plain_study)})

    def reach(self, unit: str = "", *, above: str = "", top: int = 0, level: int | None = None) -> Result:
        """Return what it would take: the smallest change of weights, or of one indicator, that brings a unit above another or into the top k.

        Parameters
        ----------
        unit : str
            The unit that shall rise. Without any of the three: the best one outside the largest ``top`` of the configuration.
        above, top : str, int
            One of them: the unit to reach, or k.
        level : int, optional
            Whose weights change; default the level below the index.
        """
        if not (unit or above or top):
            top = min(max(self.config.get("top", [TOP])), len(self.build.scores) - 1)
            unit = self._next(top)
        unit, above = (unicodedata.normalize("NFC", name) for name in (unit, above))
        weights = margins.weights_for(self.build, unit, above=above, top=top, level=level)
        alone = margins.indicator_for(self.build, unit, above=above, top=top)
        names = dict(zip(self.inputs.units["uCode"], self.inputs.units["uName"], strict=True))
        told = weights.attrs

        def text() -> str:
            goal = f"vượt {names[above]}" if above else f"vào {self._number(top, 'số hạng đầu')} hạng đầu"
            if told["moved"] < 1e-9:
                done = f"xếp trên {names[above]}" if above else f"trong {self._number(top, 'số hạng đầu')} hạng đầu"
                said = f"**{names[unit]} đã {done}.**"
            elif told["reason"]:
                said = f"**{names[unit]}: {reason('index_no_weights')} ({goal}).**"
            else:
                moved = self._number(told["moved"] * 100, "phần trọng số phải chuyển", 1)
                largest = self._number(told["largest"] * 100, "thay đổi tương đối lớn nhất của một trọng số", 0)
                fits = "trong mức" if told["within"] else "ngoài mức"
                said = f"**Để {names[unit]} {goal}, phải chuyển ít nhất {moved}% tổng trọng số (một trọng số đổi nhiều nhất {largest}%, {fits} ±{USUAL} thường thử).**"
            chance = self._number(told["probability"] * 100, "tỷ lệ lượt trọng số dao động ±25% đạt được", 0)
            said += f" Khi mọi trọng số dao động ±{USUAL}, điều này xảy ra ở {chance}% số lượt."
            possible = alone.dropna(subset=["needed"])
            if len(possible) and possible["change"].iloc[0] > 0:
                first = possible.iloc[0]
                change = self._number(first["change"], f"điểm phải tăng ở {first['code']}", 1)
                there = self._number(first["units_there"] * 100, f"tỷ lệ đơn vị đã đạt mức ấy ở {first['code']}", 0)
                said += f" Chỉ đổi một chỉ số: “{self.build.framework.names[first['code']]}” tăng {change} điểm ({there}% đơn vị khác đã ở mức ấy)."
            return said

        about = self._study_of(unit)
        made = {
            "weights": lambda: pages.needed_weights_table(self._page, about, weights),
            "indicators": lambda: pages.needed_indicators_table(self._page, about, alone),
        }
        weights = pd.DataFrame(weights)
        weights.attrs = dict(told)
        return self._result(weights, "Cần gì để lên hạng", text, "can-gi", tables=made)

    def _next(self, top: int) -> str:
        """Return the best unit outside the top k."""
        ranks = self.build.ranks[self.build.framework.root]
        outside = self.build.scores.loc[ranks > top, "uCode"].loc[lambda codes: ranks[codes.index].sort_values().index]
        return str(outside.iloc[0]) if len(outside) else ""

    def robust(self, spread: float = 0.25, level: int | None = None) -> Result:
        """Return between which ranks each unit stays for all weights within ± ``spread`` of their own; exact, no draws."""
        if isinstance(spread, bool) or not isinstance(spread, int | float) or not 0 < spread < 1:
            raise CallError([Problem("values", "spread", found=str(spread), details={"allowed": "0 – 1"})])
        bounds, pairs = margins.rank_bounds(self.build, level, spread), margins.robust_pairs(self.build, level, spread)
        names = dict(zip(self.inputs.units["uCode"], self.inputs.units["uName"], strict=True))
        bounds.insert(1, "uName", bounds["uCode"].map(names))

        def text() -> str:
            sure = self._number(pairs["robust"].mean() * 100 if len(pairs) else 0.0, "tỷ lệ cặp giữ thứ tự", 0)
            width = self._number(spread * 100, "mức dao động của trọng số", 0)
            fixed = self._number((bounds["best"] == bounds["worst"]).sum(), "đơn vị có hạng không đổi")
            return f"**{sure}% số cặp giữ nguyên thứ tự với mọi trọng số dao động ±{width}%; {fixed} đơn vị không đổi hạng.**"

        def listed() -> Piece:
            return shown.table(self._page, pairs, "Các cặp và độ bền thứ tự", "tbl-cap-ben", self.notes, self.lang)

        def whole() -> Piece:
            return shown.table(self._page, bounds, "Hạng chắc chắn nằm trong", "tbl-hang-ben", self.notes, self.lang)

        return self._result(bounds, "Độ bền của thứ hạng", text, "do-ben", tables={"bounds": whole, "pairs": listed})
