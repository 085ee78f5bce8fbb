"""What is asked of an index beyond its ranking: statistics, correlations, comparison, a unit's profile, trends, what it would take, robust pairs.

An :class:`~nq57lab.door.index.Index` in, results out; each sentence's figures are traced as those of reports.
"""

from typing import TYPE_CHECKING

import pandas as pd

from nq57lab.base.problems import CallError, Problem
from nq57lab.composite import pages
from nq57lab.composite.laboratory.steps import reason
from nq57lab.composite.results import figures, tables
from nq57lab.composite.robustness import diagnose, margins
from nq57lab.composite.study import write
from nq57lab.documents.edition import Piece
from nq57lab.door import asked
from nq57lab.door.result import Result

if TYPE_CHECKING:
    from nq57lab.door.index import Index


def _result(index: "Index", frame: pd.DataFrame, title: str, text, name: str, **more) -> Result:
    def finding() -> Piece:
        index._page.figures.place = title
        return Piece(index._page._plain(text()))

    return Result(frame, title, index._page, finding, name=name, notes=index.notes, lang=index.lang, **more)


def _number(index: "Index", value: float, formula: str, decimals: int = 0) -> str:
    return write(index._page, index._plain_study, float(value), formula, decimals=decimals)


def statistics(index: "Index") -> Result:
    """Return the statistics of every indicator at every stage (:func:`tables.statistics`)."""
    table = tables.statistics(index.build)
    raw = table[table["stage"] == tables.RAW]

    def text() -> str:
        flagged = _number(index, (raw["flag"] != "").sum(), "chỉ số có cờ báo ở số liệu gốc")
        whole = _number(index, len(raw), "số chỉ số thành phần")
        gaps = _number(index, raw["missing"].sum(), "số ô thiếu")
        return f"**{flagged}/{whole} chỉ số có cờ báo ở số liệu gốc; {gaps} ô thiếu.** Từng bước và từng chỉ số có trong .frame."

    return _result(index, table, "Thống kê từng bước", text, "thong-ke")


def correlations(index: "Index", one: int | str, other: int | str | None, method: str) -> Result:
    """Return the correlations between two levels, or with the denominators (:func:`tables.correlations`)."""
    asked.one_of(method, list(tables.METHODS), "method")
    levels = sorted(set(index.build.framework.levels.values()))
    for level in (one, other):
        if level not in (None, "denominators", *levels):
            allowed = ", ".join(map(str, [*levels, "denominators"]))
            raise CallError([Problem("values", "level", found=str(level), details={"allowed": allowed})])
    table = tables.correlations(index.build, one, other, method=method)

    def text() -> str:
        if table["correlation"].isna().all():
            return "**Không cặp nào có tương quan xác định.**"
        count = _number(index, len(table), "số cặp")
        top = table.loc[table["correlation"].abs().idxmax()]
        r = _number(index, top["correlation"], f"tương quan {top['one']}, {top['other']}", 2)
        certain = _number(index, (table["p"] < 0.05).sum(), "cặp có p dưới 0,05")
        return f"**Trong {count} cặp, {top['one']} và {top['other']} tương quan mạnh nhất ({r}); {certain} cặp có ý nghĩa thống kê.**"

    same = other in (None, one) and one != "denominators" and not index.many_times
    charts = {"map": figures.correlation_map(index._plain_study, int(one))} if same else {}
    return _result(index, table, "Tương quan", text, "tuong-quan", charts=charts)


def compare(index: "Index", others: dict[str, "Index"]) -> Result:
    """Return several builds side by side (:func:`tables.compare_many`); the table ``agreement`` has the rank correlations."""
    builds = {index.title: index.build} | {name: own.build for name, own in others.items()}
    ranks, agreement = tables.compare_many(builds)

    def text() -> str:
        first = agreement.iloc[0]
        rho = _number(index, first["spearman"], f"tương quan hạng Spearman {first['one']}, {first['other']}", 3)
        mean = _number(index, first["mean_shift"], "đổi hạng bình quân", 1)
        most = _number(index, ranks["spread"].max(), "chênh lệch hạng lớn nhất của một đơn vị")
        return f"**So với “{first['other']}”, mỗi đơn vị đổi bình quân {mean} hạng (tương quan hạng {rho}); một đơn vị chênh nhiều nhất {most} hạng.**"

    def listed() -> Piece:
        from nq57lab.door import shown

        return shown.table(index._page, agreement, "Mức giống nhau của thứ hạng", "tbl-so-sanh-muc", "", index.lang)

    def whole() -> Piece:
        from nq57lab.door import shown

        return shown.table(index._page, ranks, "Hạng theo từng cách tính", "tbl-so-sanh", index.notes, index.lang)

    return _result(index, ranks, "So sánh các cách tính", text, "so-sanh", tables={"ranks": whole, "agreement": listed})


def profile(index: "Index", unit: str, time: str, count: int) -> Result:
    """Return a unit's strengths and weaknesses (:func:`diagnose.profile`)."""
    units = index.build.scores["uCode"].drop_duplicates().tolist()
    if unit not in units:
        near = index.inputs.units.loc[index.inputs.units["uName"] == unit, "uCode"]
        unit = str(near.iloc[0]) if len(near) else asked.one_of(unit, units, "unit")
    table = diagnose.profile(index.build, unit, time, count=count)
    name = dict(zip(index.inputs.units["uCode"], index.inputs.units["uName"], strict=True))[unit]

    def text() -> str:
        root = index.build.framework.root
        rows = index.build.ranks[index.build.ranks["uCode"] == unit]
        rank = _number(index, rows[root].iloc[-1], f"hạng của {unit}")
        sides = {kind: ", ".join(part["name"].head(3)) for kind, part in table.groupby("kind", sort=False)}
        said = "; ".join(f"{kind} nhất ở {listed}" for kind, listed in sides.items())
        return f"**{name} hạng {rank}" + (f"; {said}.**" if said else ".**")

    made = {} if index.many_times else {"profile": lambda: pages.profile_table(index._page, index._study_of(unit))}
    return _result(index, table, f"Hồ sơ {name}", text, "ho-so-don-vi", tables=made)


def trends(index: "Index", codes: list[str] | None) -> Result:
    """Return how scores moved over a panel's times (:func:`tables.trends`)."""
    if not index.many_times:
        raise CallError([Problem("index_no_panel", index.title, found="–")])
    table = tables.trends(index.build, codes)

    def text() -> str:
        own = table[table["iCode"] == table["iCode"].iloc[0]]
        best = own.loc[own["change"].idxmax()]
        change = _number(index, best["change"], f"thay đổi điểm của {best['uCode']}", 1)
        up = _number(index, (own["change"] > 0).sum(), "số đơn vị tăng điểm")
        whole = _number(index, len(own), "số đơn vị có từ hai kỳ")
        name = dict(zip(index.inputs.units["uCode"], index.inputs.units["uName"], strict=True))[best["uCode"]]
        return f"**{up}/{whole} đơn vị tăng điểm từ kỳ {best['first_time']} đến kỳ {best['last_time']}; {name} tăng nhiều nhất ({change}).**"

    return _result(index, table, "Xu hướng", text, "xu-huong", charts={"lines": figures.lines(index._plain_study)})


def reach(index: "Index", unit: str, above: str, top: int, level: int | None) -> Result:
    """Return what it would take to lift a unit: the weights needed, and each indicator alone (table ``indicators``)."""
    weights = margins.weights_for(index.build, unit, above=above, top=top, level=level)
    alone = margins.indicator_for(index.build, unit, above=above, top=top)
    names = dict(zip(index.inputs.units["uCode"], index.inputs.units["uName"], strict=True))
    told = weights.attrs

    def text() -> str:
        goal = f"vượt {names[above]}" if above else f"vào {_number(index, top, 'số hạng đầu')} hạng đầu"
        if told["moved"] < 1e-9:
            done = f"xếp trên {names[above]}" if above else f"trong {_number(index, top, 'số hạng đầu')} hạng đầu"
            said = f"**{names[unit]} đã {done}.**"
        elif told["reason"]:
            said = f"**{names[unit]}: {reason('index_no_weights')} ({goal}).**"
        else:
            moved = _number(index, told["moved"] * 100, "phần trọng số phải chuyển", 1)
            largest = _number(index, told["largest"] * 100, "thay đổi tương đối lớn nhất của một trọng số", 0)
            fits = "trong mức" if told["within"] else "ngoài mức"
            said = f"**Để {names[unit]} {goal}, phải chuyển ít nhất {moved}% tổng trọng số (một trọng số đổi nhiều nhất {largest}%, {fits} ±25% thường thử).**"
        chance = _number(index, told["probability"] * 100, "tỷ lệ lượt trọng số dao động ±25% đạt được", 0)
        said += f" Khi mọi trọng số dao động ±25%, điều này xảy ra ở {chance}% số lượt."
        possible = alone.dropna(subset=["needed"])
        if len(possible) and possible["change"].iloc[0] > 0:
            first = possible.iloc[0]
            change = _number(index, first["change"], f"điểm phải tăng ở {first['code']}", 1)
            there = _number(index, first["units_there"] * 100, f"tỷ lệ đơn vị đã đạt mức ấy ở {first['code']}", 0)
            said += f" Chỉ đổi một chỉ số: “{index.build.framework.names[first['code']]}” tăng {change} điểm ({there}% đơn vị khác đã ở mức ấy)."
        return said

    def listed(frame: pd.DataFrame, title: str, label: str):
        from nq57lab.door import shown

        return lambda: shown.table(index._page, frame, title, label, index.notes, index.lang)

    made = {"weights": listed(weights, "Trọng số cần có", "tbl-can-trong-so")}
    made["indicators"] = listed(alone, "Chỉ số cần có", "tbl-can-chi-so")
    weights = pd.DataFrame(weights)
    weights.attrs = dict(told)
    return _result(index, weights, "Cần gì để lên hạng", text, "can-gi", tables=made)


def robust(index: "Index", spread: float, level: int | None) -> Result:
    """Return the bounds of every unit's rank for all weights in a range (:func:`margins.rank_bounds`); table ``pairs``."""
    if isinstance(spread, bool) or not isinstance(spread, int | float) or not 0 < spread < 1:
        raise CallError([Problem("values", "spread", found=str(spread), details={"allowed": "0 – 1"})])
    bounds, pairs = margins.rank_bounds(index.build, level, spread), margins.robust_pairs(index.build, level, spread)
    names = dict(zip(index.inputs.units["uCode"], index.inputs.units["uName"], strict=True))
    bounds.insert(1, "uName", bounds["uCode"].map(names))

    def text() -> str:
        sure = _number(index, pairs["robust"].mean() * 100 if len(pairs) else 0.0, "tỷ lệ cặp giữ thứ tự", 0)
        width = _number(index, spread * 100, "mức dao động của trọng số", 0)
        fixed = _number(index, (bounds["best"] == bounds["worst"]).sum(), "đơn vị có hạng không đổi")
        return (
            f"**{sure}% số cặp giữ nguyên thứ tự với mọi trọng số dao động ±{width}%; {fixed} đơn vị không đổi hạng.**"
        )

    def listed() -> Piece:
        from nq57lab.door import shown

        return shown.table(index._page, pairs, "Các cặp và độ bền thứ tự", "tbl-cap-ben", index.notes, index.lang)

    def whole() -> Piece:
        from nq57lab.door import shown

        return shown.table(index._page, bounds, "Hạng chắc chắn nằm trong", "tbl-hang-ben", index.notes, index.lang)

    return _result(index, bounds, "Độ bền của thứ hạng", text, "do-ben", tables={"bounds": whole, "pairs": listed})
