"""A formula in words: the names of what it is made of, the signs as written by hand.

The catalogue and a text of the closed grammar in; a sentence's part out, without a code.
"""

from nq57lab.base import formulas, wording
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.crosswalk import SIGNS

_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}
_COMPARED = {
    ">=": "từ {} trở lên",
    ">": "trên {}",
    "<=": "không quá {}",
    "<": "dưới {}",
    "=": "bằng {}",
    "==": "bằng {}",
}


def of(catalogue: Catalogue, text: str) -> str:
    """Return a formula in words; a text that is none stays as it is.

    Examples
    --------
    ``tasks_completed_on_time / tasks_assigned * 100`` is "“Số nhiệm vụ hoàn thành đúng hạn” ÷ “Số nhiệm vụ được giao” × 100".
    """
    try:
        node = formulas.parse(text)
    except formulas.FormulaError:
        return text
    return _told(catalogue, node) if formulas.references(node) else text


def _told(catalogue: Catalogue, node: formulas.Node, above: int = 0) -> str:
    if isinstance(node, formulas.Operation):
        own = _STRENGTH[node.symbol]
        left = _told(catalogue, node.left, own)
        right = _told(catalogue, node.right, own + (node.symbol in "-/"))
        joined = f"{left} {SIGNS[node.symbol]} {right}"
        return f"({joined})" if own < above else joined
    if isinstance(node, formulas.Number):
        return wording.number(node.value, 0 if node.value == int(node.value) else 2)
    if isinstance(node, formulas.Call):
        return _called(catalogue, node)
    where = dict(node.where)
    area, period = where.pop("area", ""), where.pop("period", "")
    dims = "; ".join(f"{key}={value}" for key, value in sorted(where.items()) if key not in ("item", "measure"))
    item = catalogue.names.get(where.get("item", ""), "")
    parts = [catalogue.names[node.name], catalogue.dims_label(dims), item, catalogue.names.get(area, "")]
    parts.append(wording.period(period) if period else "")
    return f"“{', '.join(filter(None, parts))}”"


def _called(catalogue: Catalogue, node: formulas.Call) -> str:
    whole = (
        node.arguments[:1] if node.function == "sum_over" else node.arguments
    )  # the other is the breakdown's own name
    told = [argument if isinstance(argument, str) else _told(catalogue, argument) for argument in whole]
    if node.function == "growth":
        over = f" so với {told[1]}" if len(told) > 1 else " so với cùng kỳ năm trước"
        return f"tốc độ tăng của {told[0]}{over}"
    if node.function == "per":
        return f"{told[0]} ÷ {told[1]} × {told[2]}"
    if node.function == "mean_duration":
        return f"{told[0]} ÷ {told[1]}"
    if node.function == "count_where":
        return f"số mục có {told[0]} {_COMPARED.get(told[1], '{}').format(told[2])}"
    return f"tổng của {told[0]} qua mọi phân tổ"
