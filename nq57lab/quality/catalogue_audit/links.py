"""Rules of the catalogue audit that compare indicators: twins, C forms, legal bases, lead agencies.

A catalogue whose indicators are as printed in, findings (code, problem, proposed) out; :mod:`nq57lab.quality.catalogue_audit`
names and orders the rules.
"""

import re
from collections.abc import Iterator
from itertools import combinations, pairwise

from nq57lab.base import formulas, wording
from nq57lab.base.messages import Reason, reason, together
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.shares import formula_trees, measured, split_quotient, unit_families
from nq57lab.quality.catalogue_audit.rules import (
    FORM,
    Finding,
    cited_forms,
    form_rows,
    most_common,
    often,
    set_of_indicators,
)

ALIKE = 0.8  # names whose pairs of words agree this much are read as one quantity; below it, only the field is common
ABBREVIATIONS = {
    "ĐMST": "đổi mới sáng tạo",
    "HTTT": "hệ thống thông tin",
    "CNCL": "công nghệ chiến lược",
}
DOCUMENT = re.compile(r"\d+(?:/\d{4})?[-/][A-ZĐ][\w/-]*")
DOUBLED = re.compile(r"([A-ZĐ])\1.*([A-ZĐ])\2")
TOPIC = 2  # pairs of words an indicator's name must share with a C form's name to be of its topic


def _twins(catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return the pairs (first, later) of indicators with the same formula, or said to be the same by the crosswalk."""
    rows = measured(catalogue)
    order = rows["code"].tolist()
    by_tree: dict[formulas.Node, list[str]] = {}
    for code, tree in formula_trees(rows).items():
        by_tree.setdefault(tree, []).append(code)
    pairs = {(codes[0], later) for codes in by_tree.values() for later in codes[1:]}
    pairs |= _crosswalk_pairs(catalogue, "same")
    return sorted(pairs, key=lambda pair: (order.index(pair[0]), order.index(pair[1])))


def _crosswalk_pairs(catalogue: Catalogue, kind: str) -> set[tuple[str, str]]:
    order = measured(catalogue)["code"].tolist()
    rows = catalogue.crosswalk[catalogue.crosswalk["kind"] == kind]
    pairs = zip(rows["indicator"], rows["other"], strict=True)
    return {(a, b) if order.index(a) < order.index(b) else (b, a) for a, b in pairs if a in order and b in order}


def _word_pairs(name: str) -> set[tuple[str, str]]:
    for short, long in ABBREVIATIONS.items():
        name = name.replace(short, long)
    words = re.findall(r"\w+", wording.plain(name))
    return set(pairwise(words))


def _alike(one: set[tuple[str, str]], other: set[tuple[str, str]]) -> float:
    """Return Dice's coefficient of two names' pairs of neighbouring words: 0 nothing in common, 1 the same."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _ministry(agency: str, parents: dict[str, str]) -> str:
    while parents.get(agency, "").startswith("agency:"):
        agency = parents[agency]
    return agency


def same_formula(catalogue: Catalogue) -> Iterator[Finding]:
    """Find indicators with the formula of an earlier one."""
    trees = formula_trees(measured(catalogue))
    for first, later in _twins(catalogue):
        if first in trees and trees[first] == trees.get(later):
            problem = reason("defect_twin", code=first, name=catalogue.names[first])
            yield later, problem, reason("defect_one_code", code=first, later=later)


def same_figure_apart(catalogue: Catalogue) -> Iterator[Finding]:
    """Find one quantity kept at two frequencies or by two leads."""
    rows = {row["code"]: row for row in measured(catalogue).to_dict("records")}
    for first, later in _twins(catalogue):
        one, other = rows[first], rows[later]
        apart = []
        if one["frequency"] != other["frequency"]:
            said = often(one["frequency"]), often(other["frequency"])
            apart.append(reason("defect_apart_frequency", one=said[0], other=said[1]))
        if one["lead"] and other["lead"] and one["lead"] != other["lead"]:
            leads = [catalogue.agencies(row["lead"]) for row in (one, other)]
            apart.append(reason("defect_apart_lead", one=leads[0], other=leads[1]))
        if apart:
            yield later, reason("defect_apart", code=first, parts=together(apart)), reason("defect_one_period")


def near_twins(catalogue: Catalogue) -> Iterator[Finding]:
    """Find indicators of two groups that measure nearly the same."""
    families, trees = unit_families(catalogue), formula_trees(measured(catalogue))
    near, same = _crosswalk_pairs(catalogue, "near"), set(_twins(catalogue))
    above = {code: split_quotient(tree)[0] for code, tree in trees.items()}
    rows = measured(catalogue).to_dict("records")
    words = {row["code"]: _word_pairs(row["name_vi"]) for row in rows}
    for one, other in combinations(rows, 2):
        first, later = one["code"], other["code"]
        if (first, later) in same or one["group"] == other["group"]:
            continue
        like = families.get(one["unit"]) == families.get(other["unit"])
        why = ""
        if first in above and above[first] == above.get(later):
            why = "defect_near_numerator"
        elif like and _alike(words[first], words[later]) >= ALIKE:
            why = "defect_near_name"
        elif (first, later) in near:
            why = "defect_near_crosswalk"
        if why and trees.get(first, first) != trees.get(later, later):
            problem = reason("defect_near", code=first, name=catalogue.names[first], why=Reason(why))
            yield later, problem, reason("defect_merge")


def form_unknown(catalogue: Catalogue) -> Iterator[Finding]:
    """Find references to a C form that the catalogue does not have."""
    forms = form_rows(catalogue)
    for code, cited in cited_forms(catalogue).items():
        for form in cited:
            if form not in set(forms["code"]):
                there = forms[forms["group"] == form[:4]]
                have = "; ".join(f"{row['code']} (“{row['name_vi']}”)" for row in there.to_dict("records"))
                cite = reason("defect_cite_forms", forms=have, form=form)
                yield code, reason("defect_no_form", form=form), cite if have else reason("defect_make_form", form=form)


def form_uncited(catalogue: Catalogue) -> Iterator[Finding]:
    """Find C forms that no indicator names as its source."""
    cited = {form for forms in cited_forms(catalogue).values() for form in forms}
    for row in form_rows(catalogue).to_dict("records"):
        if row["code"] not in cited:
            advice = reason("defect_cite_or_drop", group=f"B{row['group'][1:]}")
            yield row["code"], reason("defect_uncited"), advice


def form_of_own_group_unused(catalogue: Catalogue) -> Iterator[Finding]:
    """Find indicators that cite no C form although one is on their topic: the own group's (B), or one named whole (A)."""
    cited, forms = cited_forms(catalogue), form_rows(catalogue)
    topics = {row["code"]: _word_pairs(row["name_vi"]) for row in forms.to_dict("records")}
    for row in set_of_indicators(catalogue).to_dict("records"):
        if cited[row["code"]]:
            continue
        words, own = _word_pairs(row["name_vi"]), "C" + row["group"][1:]
        wanted = {code: TOPIC for code in topics if code[:4] == own}
        if row["layer"] == "A":
            wanted = {code: len(topic) for code, topic in topics.items()}
        fitting = [code for code, number in wanted.items() if len(topics[code] & words) >= number]
        if fitting:
            _, form = max((len(topics[code] & words) / len(topics[code]), code) for code in fitting)
            told = {"form": form, "name": catalogue.names[form], "source": row["source_system"]}
            yield row["code"], reason("defect_form_unused", **told), reason("defect_use_form", form=form)


def form_of_another_group(catalogue: Catalogue) -> Iterator[Finding]:
    """Find indicators fed by a C form of another group although a form of their own group is on their topic."""
    forms = form_rows(catalogue)
    for code, cited in cited_forms(catalogue).items():
        own = forms[forms["group"] == "C" + code[1:4]]
        words = _word_pairs(catalogue.names[code])
        fitting = [row for row in own.to_dict("records") if len(_word_pairs(row["name_vi"]) & words) >= TOPIC]
        if code[0] == "B" and cited and fitting and not any(form[:4] == "C" + code[1:4] for form in cited):
            have = "; ".join(f"{row['code']} (“{row['name_vi']}”)" for row in fitting)
            problem = reason("defect_other_form", cited=", ".join(cited), forms=have)
            yield code, problem, reason("defect_one_form")


def basis_missing(catalogue: Catalogue) -> Iterator[Finding]:
    """Find indicators without a legal basis."""
    rows = set_of_indicators(catalogue)
    for row in rows[rows["basis"] == ""].to_dict("records"):
        usual = most_common(rows[rows["group"] == row["group"]]["basis"].tolist())
        advice = reason("defect_give_basis_as", usual=usual) if usual else reason("defect_give_basis")
        yield row["code"], reason("defect_no_basis"), advice


def basis_misspelt(catalogue: Catalogue) -> Iterator[Finding]:
    """Find numbers of documents that no organ writes so: a double slash, or letters doubled in the organ's sign."""
    for row in set_of_indicators(catalogue).to_dict("records"):
        for number in DOCUMENT.findall(row["basis"]):
            if "//" in number or DOUBLED.search(number):
                yield row["code"], reason("defect_basis_wrong", number=number), reason("defect_basis_right")


def basis_is_source(catalogue: Catalogue) -> Iterator[Finding]:
    """Find bases that repeat the source of the data."""
    rows = set_of_indicators(catalogue)
    for row in rows[(rows["basis"] != "") & (rows["basis"] == rows["source_system"])].to_dict("records"):
        yield row["code"], reason("defect_basis_source"), reason("defect_basis_document")


def basis_of_next_group(catalogue: Catalogue) -> Iterator[Finding]:
    """Find bases that fit only the group that follows: a column shifted by one row."""
    rows = set_of_indicators(catalogue)
    groups = list(dict.fromkeys(rows["group"]))
    for group, following in pairwise(groups):
        own = rows[rows["group"] == group]
        usual, other = (most_common(rows[rows["group"] == g]["basis"].tolist()) for g in (group, following))
        for row in own.to_dict("records"):
            alone = (own["basis"] == row["basis"]).sum() == 1 and len(own) > 1
            if alone and other and row["basis"] == other != usual:
                advice = reason("defect_review_basis_as", usual=usual) if usual else reason("defect_review_basis")
                yield row["code"], reason("defect_basis_next", group=group, following=following), advice


def lead_against_source(catalogue: Catalogue) -> Iterator[Finding]:
    """Find leads that are not among the agencies the source names, child agencies counted with their ministry."""
    agencies = catalogue.areas[catalogue.areas["type"] == "agency"]
    parents = dict(zip(agencies["id"], agencies["parent"], strict=True))
    longest_first = sorted(zip(agencies["name_vi"], agencies["id"], strict=True), key=lambda pair: -len(pair[0]))
    form_leads = form_rows(catalogue).set_index("code")["lead"]
    for row in set_of_indicators(catalogue).to_dict("records"):
        named, rest = {}, row["source_system"]
        for name, agency in longest_first:
            if name in rest:
                named[_ministry(agency, parents)] = reason("defect_named_source", agency=name)
                rest = rest.replace(name, "")
        for form in FORM.findall(row["source_system"]):
            for agency in form_leads.get(form, "").split("; ") if form_leads.get(form, "") else []:
                named[agency] = reason("defect_named_form", form=form, agency=catalogue.names.get(agency, agency))
        if row["lead"] and named and row["lead"] not in named:
            told = {"lead": catalogue.agencies(row["lead"]), "named": together(named.values())}
            yield row["code"], reason("defect_lead", **told), reason("defect_one_lead")
