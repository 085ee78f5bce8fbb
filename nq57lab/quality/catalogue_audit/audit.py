"""The catalogue audit: what is wrong with the indicators themselves, by rule, each finding with a proposed correction.

A :class:`~nq57lab.facts.catalogue.Catalogue` in, a table (rule, code, problem, proposed, source) out. Most rules compute from the
tables; findings that need a reader (a name against its description) are rows of ``defects.csv``. The rules look at the
values as printed: ``corrections.csv`` keeps the printed value and the proposed one side by side, and :func:`as_printed`
gives a copy of the indicators with the printed ones.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pandas as pd

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.quality.catalogue_audit import links, rules
from nq57lab.quality.catalogue_audit.rules import Finding

COLUMNS = ["rule", "code", "problem", "proposed", "source"]


@dataclass(frozen=True)
class Rule:
    """One rule: its short name, what it looks for, and how (None: found by reading, kept in ``defects.csv``)."""

    name: str
    explanation: str
    find: Callable[[Catalogue], Iterator[Finding]] | None = None


def as_printed(indicators: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of the indicators with every value as its document prints it."""
    result = indicators.copy()
    for row in corrections.to_dict("records"):
        result.loc[result["code"] == row["code"], row["column"]] = row["printed"]
    return result


def audit(catalogue: Catalogue) -> pd.DataFrame:
    """List the defects of a catalogue by rule.

    Parameters
    ----------
    catalogue : Catalogue
        The catalogue; its tables are not changed.

    Returns
    -------
    DataFrame
        rule, code, problem, proposed, source: problem and proposed are reasons where a rule computes them, and texts of
        ``defects.csv``; in the order of :data:`RULES`, within a rule in the catalogue's order.

    Raises
    ------
    ProblemError
        If ``defects.csv`` names a rule that :data:`RULES` does not have.

    Notes
    -----
    A finding is a question to the document's author, not a verdict. An indicator may be found by several rules.
    """
    names = [rule.name for rule in RULES]
    unknown = [(row, name) for row, name in enumerate(catalogue.defects["rule"], start=2) if name not in names]
    if unknown:
        details: dict[str, object] = {"allowed": ", ".join(names)}
        raise ProblemError(Problem("values", "defects.csv", row, "rule", name, details) for row, name in unknown)
    printed = replace(catalogue, indicators=as_printed(catalogue.indicators, catalogue.corrections))
    places = dict(zip(printed.indicators["code"], printed.indicators["source"], strict=True))
    order = {code: place for place, code in enumerate(printed.indicators["code"])}
    found = [(rule.name, *one, places[one[0]]) for rule in RULES if rule.find for one in rule.find(printed)]
    table = pd.concat(
        [pd.DataFrame(found, columns=COLUMNS, dtype=object), catalogue.defects[COLUMNS]], ignore_index=True
    )
    ranks = {"rule": {name: place for place, name in enumerate(names)}, "code": order}
    table = table.sort_values(["rule", "code"], key=lambda column: column.map(ranks[column.name]), kind="stable")
    return table.reset_index(drop=True)


RULES: tuple[Rule, ...] = (
    Rule("Đơn vị trái công thức", "Kết quả của công thức không cùng loại với đơn vị in", rules.unit_against_formula),
    Rule("Số đếm ghi bằng %", "Tên là “Số …”, “Số lượng …” mà đơn vị là %", rules.count_in_percent),
    Rule("Số đếm tính bằng thương số", "Tên là số đếm mà cách tính có mẫu số", rules.count_as_quotient),
    Rule("Tỷ lệ sai đơn vị", "Tên là tỷ lệ, tỷ trọng mà đơn vị không phải phần trăm", rules.ratio_in_another_unit),
    Rule("Tỷ lệ thiếu công thức", "Tên là tỷ lệ, tỷ trọng mà không có tử số, mẫu số", rules.ratio_without_formula),
    Rule("Đơn vị thiếu gốc", "Số bình quân mà đơn vị không nêu bình quân trên gì", rules.unit_without_base),
    Rule("Mẫu số khác đối tượng", "Tử số không phải một phần của mẫu số", rules.share_of_another_entity),
    Rule(
        "Mẫu số gồm phần chưa đến hạn",
        "Tỷ lệ đúng hạn, quá hạn chia cho cả phần chưa đến hạn",
        rules.denominator_not_due,
    ),
    Rule("Thiếu kỳ dữ liệu", "Không ghi kỳ dữ liệu", rules.frequency_missing),
    Rule("Kỳ lệch nhóm", "Kỳ mà không chỉ số nào khác trong nhóm có", rules.frequency_alone_in_group),
    Rule("Kỳ lệch biểu C", "Kỳ khác phần đông chỉ số lấy từ cùng biểu lớp C", rules.frequency_against_form),
    Rule("Kỳ trái nguồn", "Số do tổ chức quốc tế công bố mà kỳ dày hơn năm", rules.frequency_against_source),
    Rule("Trùng công thức", "Hai mã có cùng một công thức", links.same_formula),
    Rule("Cùng số, khác kỳ hoặc chủ trì", "Cùng đại lượng ở hai kỳ hoặc hai cơ quan chủ trì", links.same_figure_apart),
    Rule("Gần trùng", "Cùng tử số ở hai nhóm, tên gần như nhau, hoặc bảng đối chiếu ghi gần giống", links.near_twins),
    Rule("Biểu C không có", "Dẫn một biểu lớp C không có trong danh mục", links.form_unknown),
    Rule("Biểu C không ai dẫn", "Biểu lớp C không là nguồn của chỉ số nào", links.form_uncited),
    Rule("Bỏ quên biểu C", "Có biểu lớp C cùng chủ đề mà nguồn không dẫn", links.form_of_own_group_unused),
    Rule("Dẫn biểu C nhóm khác", "Nhóm có biểu riêng mà nguồn là biểu của nhóm khác", links.form_of_another_group),
    Rule("Thiếu căn cứ", "Cột căn cứ để trống", links.basis_missing),
    Rule("Căn cứ viết hỏng", "Số, ký hiệu văn bản làm căn cứ viết sai", links.basis_misspelt),
    Rule("Căn cứ chép nguồn", "Cột căn cứ chép cột nguồn dữ liệu", links.basis_is_source),
    Rule("Căn cứ của nhóm kế tiếp", "Căn cứ chỉ khớp với nhóm đứng sau", links.basis_of_next_group),
    Rule("Chủ trì khác nguồn", "Cơ quan chủ trì không phải cơ quan mà nguồn nêu", links.lead_against_source),
    Rule("Chưa rõ chiều", "Không xác định được tăng hay giảm là tốt", rules.direction_unknown),
    Rule("Cách tính trái tên", "Cách tính đo một điều khác điều tên chỉ số nói"),
    Rule("Mô tả của chỉ số khác", "Mô tả hoặc nguồn chép từ chỉ số khác"),
    Rule("Mô tả chép tên", "Mô tả chỉ nhắc lại tên, không nêu điều kiện đếm"),
    Rule("Phép so luôn đúng", "Kết quả do cách tính sinh ra, không cho biết điều cần biết"),
    Rule("Trùng lặp khi cộng", "Một khoản, một đối tượng được tính hơn một lần"),
    Rule("Biểu C không hợp đối tượng", "Biểu lớp C làm nguồn không chứa đối tượng của chỉ số"),
    Rule("Mẫu số không thống nhất", "Mẫu số không rõ, hoặc một tổng thể gọi bằng nhiều tổng số"),
    Rule("Tử số đã là tỷ lệ", "Cách tính lấy một tỷ lệ chia cho tổng số"),
    Rule("Thiếu phép nhân 100", "Đơn vị % mà cách tính không nhân 100"),
    Rule("Cách tính viết hỏng", "Câu chữ của cách tính thiếu, thừa hoặc tự mâu thuẫn"),
    Rule("Cách tính chỉ ghi nơi tổng hợp", "Chỉ ghi cơ quan hoặc biểu tổng hợp, không nêu cách tính"),
    Rule("Lẫn kỳ và lũy kế", "Một số vừa là số trong kỳ vừa là số lũy kế"),
    Rule("Nhiều năm tính một năm", "Tên là mức trung bình nhiều năm, cách tính là một năm"),
    Rule("Đơn vị không hợp đối tượng", "Đơn vị không phải đơn vị của thứ được đếm, được đo"),
    Rule("Cơ quan ghi sai", "Cơ quan nêu ở các cột không khớp nhau hoặc không phải cơ quan"),
    Rule("Sơ đồ trái danh mục", "Tên biểu lớp C trên sơ đồ khác tên trong danh mục"),
)
