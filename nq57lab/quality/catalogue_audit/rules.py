"""Rules of the catalogue audit that look at one indicator or at one column: unit, formula, denominator, frequency.

A catalogue whose indicators are as printed in, findings (code, problem, proposed) out. The small functions that read the
catalogue's tables for all rules stand first; :mod:`nq57lab.quality.catalogue_audit` names and orders the rules.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

import pandas as pd

from nq57lab.base import formulas
from nq57lab.base.messages import Reason, reason
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.shares import (
    formula_trees,
    gives_percent,
    measured,
    split_quotient,
    unit_families,
    unlike_parts,
    variables_of,
)

FORM = re.compile(r"\bC\.\d{2}\.\d{2}\b")
COUNTED = re.compile(r"(?:Tổng số|Số lượng|Số)\b")
SHARED = re.compile(r"(?:Tỷ lệ|Tỷ trọng)\b")
PER_BASE = re.compile(r"bình quân trên|trên (?:một|1)\b|trên [\d.]+ dân|/ ?[\d.]+ ?dân")
DUE = re.compile(r"đúng hạn|quá hạn|đến hạn|có thời hạn")
NOT_DUE = re.compile(r"được giao|tiếp nhận|phải ban hành")
INTERNATIONAL = "tổ chức quốc tế"

Finding = tuple[str, Reason, Reason]


@lru_cache(maxsize=4)
def set_of_indicators(catalogue: Catalogue) -> pd.DataFrame:
    """Return layers A and B: the tables of the indicator set, whose columns the document promises to fill."""
    return catalogue.indicators[catalogue.indicators["layer"].isin(["A", "B"])]


@lru_cache(maxsize=4)
def cited_forms(catalogue: Catalogue) -> dict[str, list[str]]:
    """Return the C forms that each indicator's source names."""
    rows = set_of_indicators(catalogue)
    return {row["code"]: FORM.findall(row["source_system"]) for row in rows.to_dict("records")}


def form_rows(catalogue: Catalogue) -> pd.DataFrame:
    """Return the C forms."""
    return catalogue.indicators[catalogue.indicators["layer"] == "C"]


def most_common(values: list[str]) -> str:
    """Return the value that more rows have than any other, or "" where two tie."""
    ranked = Counter(value for value in values if value).most_common(2)
    return ranked[0][0] if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]) else ""


def often(frequency: str) -> Reason:
    """Return a frequency, to stand within a finding."""
    return Reason(f"frequency_{frequency}")


def unit_against_formula(catalogue: Catalogue) -> Iterator[Finding]:
    """Find units of another kind than the formula's result."""
    rows, families = measured(catalogue).set_index("code"), unit_families(catalogue)
    calls = {"mean_duration": "duration", "per": "per_capita", "count_where": "count"}
    for code, tree in formula_trees(measured(catalogue)).items():
        unit = str(rows.at[code, "unit"])
        family = families.get(unit, "")
        numerator, denominator = split_quotient(tree)
        if gives_percent(tree):
            wrong = family != "share"
            gives = reason("defect_gives_percent")
            name = str(rows.at[code, "name_vi"])
            advice = "defect_count_only" if COUNTED.match(name) else "defect_drop_100"
            advice = "defect_use_percent" if SHARED.match(name) else advice
        elif isinstance(tree, formulas.Call):
            wrong = family != calls.get(tree.function, family)
            kinds = {"mean_duration": "defect_gives_duration", "per": "defect_gives_per"}
            gives, advice = Reason(kinds.get(tree.function, "defect_gives_count")), "defect_unit_of_result"
        elif denominator is None:
            units = [catalogue.subject_units.get(name, "") for name in variables_of(numerator)]
            like = unit in units if family == "count" else family in {families.get(u, "") for u in units}
            wrong = any(units) and not like
            gives = reason("defect_gives_variable", units="; ".join(dict.fromkeys(units)))
            advice = "defect_unit_of_variable"
        else:
            wrong = family == "share"
            gives, advice = reason("defect_gives_quotient"), "defect_add_100"
        if wrong:
            yield code, reason("defect_unit_formula", unit=unit, gives=gives), Reason(advice)


def count_in_percent(catalogue: Catalogue) -> Iterator[Finding]:
    """Find counts (“Số …”) given in per cent."""
    families = unit_families(catalogue)
    for row in measured(catalogue).to_dict("records"):
        if COUNTED.match(row["name_vi"]) and families.get(row["unit"]) == "share":
            tree = formulas.parse(row["formula"]) if row["formula"] else None
            growth = "tăng" in row["name_vi"] or (isinstance(tree, formulas.Call) and tree.function == "growth")
            yield (
                row["code"],
                reason("defect_count_percent", unit=row["unit"]),
                Reason("defect_name_growth" if growth else "defect_counting_unit"),
            )


def count_as_quotient(catalogue: Catalogue) -> Iterator[Finding]:
    """Find counts computed as a quotient."""
    rows = measured(catalogue).set_index("code")
    for code, tree in formula_trees(measured(catalogue)).items():
        numerator, denominator = split_quotient(tree)
        if denominator is not None and COUNTED.match(str(rows.at[code, "name_vi"])):
            below = "; ".join(catalogue.names.get(name, name) for name in variables_of(denominator))
            above = "; ".join(catalogue.names.get(name, name) for name in variables_of(numerator))
            yield code, reason("defect_quotient", below=below), reason("defect_numerator_only", above=above)


def ratio_in_another_unit(catalogue: Catalogue) -> Iterator[Finding]:
    """Find ratios (“Tỷ lệ …”, “Tỷ trọng …”) in a unit that is not a share."""
    families = unit_families(catalogue)
    for row in measured(catalogue).to_dict("records"):
        if SHARED.match(row["name_vi"]) and families.get(row["unit"]) not in ("share", "ratio", "per_capita"):
            problem = reason("defect_ratio_unit", unit=row["unit"] or reason("defect_blank"))
            yield row["code"], problem, reason("defect_use_percent")


def ratio_without_formula(catalogue: Catalogue) -> Iterator[Finding]:
    """Find ratios without a numerator and a denominator."""
    for row in measured(catalogue).to_dict("records"):
        if SHARED.match(row["name_vi"]) and not row["formula"]:
            yield row["code"], reason("defect_no_formula"), reason("defect_add_formula")


def unit_without_base(catalogue: Catalogue) -> Iterator[Finding]:
    """Find figures per person, per product … whose unit does not say per what."""
    for row in measured(catalogue).to_dict("records"):
        base = PER_BASE.search(row["name_vi"])
        per_capita = row["kind"] == "per_capita" or base is not None
        if per_capita and row["unit"] and not re.search(r"/|\btrên\b|%", row["unit"]):
            named = f"“{row['name_vi'][base.start() :]}”" if base else reason("defect_average")
            problem = reason("defect_no_base", named=named, unit=row["unit"])
            yield row["code"], problem, reason("defect_full_unit", unit=row["unit"])


def share_of_another_entity(catalogue: Catalogue) -> Iterator[Finding]:
    """Find shares whose numerator counts another thing than the denominator."""
    for found in unlike_parts(catalogue):
        one, other = ("; ".join(sorted(part)) for part in found.things)
        above, below = ("; ".join(catalogue.names.get(name, name) for name in side) for side in found.sides)
        problem = reason("defect_unlike", above=above, below=below, one=one, other=other)
        yield found.code, problem, reason("defect_same_entity")


def denominator_not_due(catalogue: Catalogue) -> Iterator[Finding]:
    """Find shares on time or overdue whose denominator also counts what is not due yet."""
    rows = measured(catalogue).set_index("code")
    for code, tree in formula_trees(measured(catalogue)).items():
        _, denominator = split_quotient(tree)
        if denominator is None or not DUE.search(str(rows.at[code, "name_vi"])):
            continue
        names = [catalogue.names.get(name, name) for name in variables_of(denominator)]
        if any(NOT_DUE.search(name) and not DUE.search(name) for name in names):
            yield code, reason("defect_not_due", below="; ".join(names)), reason("defect_due_only")


def frequency_missing(catalogue: Catalogue) -> Iterator[Finding]:
    """Find indicators without a frequency."""
    for row in measured(catalogue).to_dict("records"):
        if not row["frequency"]:
            yield row["code"], reason("defect_no_frequency"), reason("defect_give_frequency")


def frequency_alone_in_group(catalogue: Catalogue) -> Iterator[Finding]:
    """Find the only indicator of a group with its frequency, where the group has a usual one."""
    for group, rows in set_of_indicators(catalogue).groupby("group", sort=False):
        usual = most_common(rows["frequency"].tolist())
        number = Counter(rows["frequency"])
        for row in rows.to_dict("records"):
            if len(rows) >= 4 and usual and row["frequency"] not in ("", usual) and number[row["frequency"]] == 1:
                told = {"group": group, "frequency": often(row["frequency"]), "usual": often(usual)}
                problem = reason("defect_alone", **told, count=number[usual], total=len(rows))
                yield row["code"], problem, reason("defect_usual_in_group", usual=often(usual))


def frequency_against_form(catalogue: Catalogue) -> Iterator[Finding]:
    """Find indicators that differ in frequency from most of those fed by the same C form."""
    frequency = measured(catalogue).set_index("code")["frequency"]
    citing: dict[str, list[str]] = {}
    for code, forms in cited_forms(catalogue).items():
        for form in forms:
            citing.setdefault(form, []).append(code)
    for form, codes in citing.items():
        usual = most_common([frequency[code] for code in codes])
        for code in codes:
            if len(codes) >= 3 and usual and frequency[code] not in ("", usual):
                told = {"form": form, "frequency": often(frequency[code]), "usual": often(usual)}
                problem = reason("defect_form_frequency", **told, count=len(codes) - 1)
                yield code, problem, reason("defect_usual_of_form", usual=often(usual))


def frequency_against_source(catalogue: Catalogue) -> Iterator[Finding]:
    """Find figures of international organisations expected more often than yearly."""
    for row in measured(catalogue).to_dict("records"):
        international = row["kind"] in ("rank", "score") or INTERNATIONAL in row["source_system"]
        if international and row["frequency"] not in ("", "year"):
            problem = reason("defect_source_frequency", frequency=often(row["frequency"]))
            yield row["code"], problem, reason("defect_yearly")


def direction_unknown(catalogue: Catalogue) -> Iterator[Finding]:
    """Find indicators without a good direction."""
    rows = measured(catalogue)
    for row in rows[rows["direction"] == 0].to_dict("records"):
        yield row["code"], reason("defect_no_direction"), reason("defect_give_direction")
