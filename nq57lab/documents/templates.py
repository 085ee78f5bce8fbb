"""Text templates: sentences and table cells whose numbers are filled from figures.

The templates of a report and the sections that officials write by hand share one small language of fields,
``{{kind:expression|option|option}}``; every number goes through :meth:`nq57lab.facts.figures.Figures.write`.
"""

import math
import re
from dataclasses import replace

from nq57lab.base import formulas, messages, wording
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.figures import Figure, Figures

_FIELD = re.compile(r"\{\{\s*(\w+)\s*:\s*([^|{}]+?)\s*((?:\|[^|{}]*)*)\}\}")
FIELD_KINDS = ("so", "ky", "Ky", "chon", "ten", "mt", "dem", "hang")
OPTIONS = ("dv", "tp", "ky", "db", "gon", "tran", "khongdau", "tuyetdoi")


def fill(text: str, figures: Figures, file: str = "", *, keep: bool = False) -> str:
    """Fill a template's fields with figures: the templates of a report and the sections that officials write by hand.

    Fields are ``{{so:EXPRESSION|options}}`` (the figure), ``{{ky:EXPRESSION}}`` (its period in words; ``Ky`` with a capital),
    ``{{chon:EXPRESSION|if positive|if negative|if zero}}``, ``{{ten:CODE}}`` (a name), ``{{mt:TARGET}}`` (a target in words),
    ``{{dem:NAME}}`` (a figure computed by the edition) and ``{{hang:VARIABLE|dim|n}}`` (the n largest of a breakdown). Options: ``dv=`` unit, ``tp=``
    decimals, ``ky=`` period, ``db=`` area, ``gon`` (leave out what the source printed), ``tran`` (no unit), ``khongdau`` (no status
    mark), ``tuyetdoi`` (absolute value). A line whose every figure is missing is left out, unless ``keep``: an official's own sentence stays and
    says that there is no figure. Either way the line is noted in ``figures.without``.

    Raises
    ------
    ProblemError
        With every field that is not understood, by line.
    """
    found: list[Problem] = []
    lines = []
    for place, line in enumerate(text.split("\n"), start=1):
        seen: list[Figure] = []
        chosen: list[Figure] = []  # by whose sign a word is chosen

        def field(match: re.Match, place: int = place, used: tuple[list[Figure], ...] = (seen, chosen)) -> str:
            try:
                return _field(match[1], match[2], [part.strip() for part in match[3].split("|")[1:]], figures, *used)
            except ProblemError as error:
                found.extend(replace(problem, file=file, row=place) for problem in error.problems)
                return ""

        before = len(figures.trace)
        filled = _FIELD.sub(field, line)
        if "{{" in filled or "}}" in filled:
            found.append(replace(_wrong("template_brackets", filled.strip()[:60]), file=file, row=place))
        missing = [figure.expression for figure in (*seen, *chosen) if figure.missing]
        left_out = bool(seen) and not keep and all(figure.missing for figure in seen)
        if missing:
            told = {"sentence": _FIELD.sub("…", line).strip(), "missing": "; ".join(dict.fromkeys(missing))}
            said = not left_out and figures.no_data in filled
            figures.without.append({"place": figures.place, **told, "said": "yes" if said else "no"})
        if left_out:
            del figures.trace[before:]
            continue
        lines.append(filled)
    if found:
        raise ProblemError(found)
    return "\n".join(lines)


def _wrong(code: str, found: str, /, **details: object) -> Problem:
    return Problem("template", found=found, details={"detail": messages.shape(code, **details)})


def _field(
    kind: str, expression: str, options: list[str], figures: Figures, seen: list[Figure], by_sign: list[Figure]
) -> str:
    if kind not in FIELD_KINDS:
        raise ProblemError([_wrong("template_kind", kind, listed=", ".join(FIELD_KINDS))])
    if kind == "ten":
        if expression not in figures.catalogue.names:
            raise ProblemError(
                [Problem("reference", found=expression, details={"target": "indicators.csv, variables.csv"})]
            )
        return figures.catalogue.names[expression]
    if kind == "mt":
        return _target(expression, figures)
    if kind == "dem":
        if expression not in figures.named:
            raise ProblemError([_wrong("template_name", expression, listed=", ".join(figures.named))])
        return figures.write(figures.named[expression], unit=False)
    if kind == "hang":
        return _largest(expression, options, figures, seen)
    chosen = {} if kind == "chon" else dict(option.partition("=")[::2] for option in options)
    unknown = set(chosen) - set(OPTIONS)
    if unknown:
        raise ProblemError([_wrong("template_option", ", ".join(sorted(unknown)), listed=", ".join(OPTIONS))])
    figure = figures.get(
        expression,
        area=chosen.get("db", "VN"),
        period=chosen.get("ky", ""),
        unit=chosen.get("dv", ""),
        decimals=_whole(chosen["tp"]) if "tp" in chosen else None,
    )
    if kind == "chon":
        by_sign.append(figure)
        words = [*options, "", "", ""][:3]
        return "" if figure.missing else words[0 if figure.value > 0 else 1 if figure.value < 0 else 2]
    seen.append(figure)
    if kind in ("ky", "Ky"):
        when = figures.no_data if figure.missing else wording.period(figure.period)
        return wording.capital(when) if kind == "Ky" else when
    if "tuyetdoi" in chosen and not figure.missing:
        figure = replace(figure, value=abs(figure.value), number=figure.number.lstrip(wording.MINUS))
    return figures.write(figure, unit="tran" not in chosen, mark="khongdau" not in chosen, note="gon" not in chosen)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ProblemError([_wrong("template_decimals", f"tp={text}")])
    return int(text)


def _target(identity: str, figures: Figures) -> str:
    rows = figures.catalogue.targets[figures.catalogue.targets["id"] == identity]
    if rows.empty:
        raise ProblemError([Problem("reference", found=identity, details={"target": "targets.csv"})])
    target = rows.iloc[0]
    text = wording.target(target["comparator"], target["value"], target["value_high"], target["unit"])
    return figures.note(
        text, target["value"], rows=(f"targets.csv:{rows.index[0] + 2}",), source=target["source"].split(",")[0]
    )


def _largest(expression: str, options: list[str], figures: Figures, seen: list[Figure]) -> str:
    if len(options) != 2 or not options[1].isdigit():
        raise ProblemError([_wrong("template_largest", expression)])
    node = figures.parse(expression)
    if not isinstance(node, formulas.Reference) or options[0] not in set(figures.catalogue.dimensions["dim"]):
        raise ProblemError([_wrong("template_breakdown", f"{expression}|{options[0]}")])
    rows = figures.lookup.breakdown(node, options[0])
    best = rows.sort_values("value", ascending=False, kind="stable").head(int(options[1]))
    found = [figures.of_row(row) for _, row in best.iterrows()]
    seen.extend(found or [Figure(expression, math.nan)])
    labels = [figures.catalogue.dims_label(row["dims"]) for _, row in best.iterrows()]
    written = [
        f"{label} ({figures.write(figure, unit=False, mark=False)})"
        for label, figure in zip(labels, found, strict=True)
    ]
    return wording.join(written)
