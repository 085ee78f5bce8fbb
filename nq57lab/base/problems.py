"""Problems found in inputs: where, what was expected, what was found, what to do.

Checks collect every problem and raise them together as one :class:`ProblemError`. Texts exist in Vietnamese (default)
and English; a check names a message by its code and gives the particulars.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nq57lab.base.data_messages import DATA_MESSAGES
from nq57lab.base.messages_forecast import FORECAST_MESSAGES
from nq57lab.base.messages_index import INDEX_MESSAGES
from nq57lab.base.messages_loops import LOOP_MESSAGES
from nq57lab.base.messages_targets import TARGET_MESSAGES

# code -> (expected, advice) in Vietnamese and in English; {names} are filled from Problem.details.
MESSAGES: dict[str, dict[str, tuple[str, str]]] = {
    "encoding": {
        "vi": ("tệp UTF-8", "lưu lại tệp với bảng mã UTF-8 (trong Excel: CSV UTF-8)"),
        "en": ("a UTF-8 file", "save the file again in UTF-8 (in Excel: CSV UTF-8)"),
    },
    "broken_csv": {
        "vi": (
            "mỗi dòng có đúng {count} ô như dòng tiêu đề",
            "sửa dấu phẩy hoặc dấu ngoặc kép thừa, thiếu ở dòng này",
        ),
        "en": ("{count} cells in every row, as in the header", "mend the stray or missing comma or quote in this row"),
    },
    "empty": {
        "vi": ("một dòng tiêu đề và ít nhất một dòng", "kiểm tra lại tệp, tệp đang rỗng"),
        "en": ("a header and at least one row", "check the file: it is empty"),
    },
    "missing_file": {
        "vi": ("có tệp {file}", "kiểm tra tên và đường dẫn, hoặc khôi phục tệp"),
        "en": ("the file {file}", "check name and path, or restore the file"),
    },
    "taken": {
        "vi": ("một {what} chưa dùng", "dùng hoặc sửa tệp đã có, hoặc chọn {what} khác"),
        "en": ("a {what} that is not in use", "use or edit the file that exists, or choose another {what}"),
    },
    "missing_column": {
        "vi": ("cột {column}", "thêm cột {column} vào dòng tiêu đề"),
        "en": ("column {column}", "add column {column} to the header"),
    },
    "unknown_column": {
        "vi": ("chỉ các cột của lược đồ, hoặc cột có tiền tố x_", "đổi tên hoặc bỏ cột này"),
        "en": ("only the schema's columns, or columns prefixed x_", "rename or drop this column"),
    },
    "required": {
        "vi": ("ô không để trống", "điền giá trị"),
        "en": ("a value", "fill it in"),
    },
    "values": {
        "vi": ("một trong: {allowed}", "dùng đúng một giá trị trong danh sách"),
        "en": ("one of: {allowed}", "use one of the listed values"),
    },
    "pattern": {
        "vi": ("{shape}", "sửa lại theo đúng dạng này"),
        "en": ("{shape}", "rewrite it in this form"),
    },
    "unicode": {
        "vi": ("chữ Việt dựng sẵn (Unicode NFC)", "chuẩn hóa tệp về NFC"),
        "en": ("composed Unicode (NFC)", "normalise the file to NFC"),
    },
    "duplicate": {
        "vi": ("khóa ({key}) là duy nhất", "bỏ dòng trùng, hoặc ghi bản đính chính với vintage mới hơn"),
        "en": ("a unique key ({key})", "drop the duplicate, or enter a correction with a newer vintage"),
    },
    "reference": {
        "vi": (
            "một mã có trong {target}",
            "sửa mã, hoặc bổ sung mã vào {target}; tra mã bằng lệnh nq57 find",
        ),
        "en": ("a code that {target} has", "correct the code or add it to {target}; nq57 find searches codes"),
    },
    "used_once": {
        "vi": ("đúng một dòng được dùng (used = yes) cho {key}", "chọn một cách hiểu và nêu lý do ở các dòng còn lại"),
        "en": ("exactly one row used (used = yes) for {key}", "choose one reading and give the reason in the others"),
    },
    "area_unknown": {
        "vi": ("mã địa bàn, cơ quan hoặc khối có trong areas.csv", "sửa mã{hint}"),
        "en": ("the code of an area, agency or block in areas.csv", "correct the code{hint}"),
    },
    "unit_mismatch": {
        "vi": ("đơn vị cùng loại với {expected}", "dùng đơn vị {expected} hoặc đổi giá trị"),
        "en": ("a unit of the same family as {expected}", "use {expected} or convert the value"),
    },
    "printed_mismatch": {
        "vi": ("số in ({printed}) khớp với value", "sửa value hoặc printed cho khớp với văn bản nguồn"),
        "en": ("the printed digits ({printed}) to equal value", "correct value or printed after the source"),
    },
    "source_place": {
        "vi": ("mã nguồn, dấu phẩy, chỗ trong nguồn", "ghi thêm chỗ trong văn bản: mục, bảng, hàng, trang"),
        "en": ("a source, a comma and the place in it", "add the place in the document: section, table, row, page"),
    },
    "formula": {
        "vi": ("công thức đúng ngữ pháp: {detail}", "xem mục Công thức trong docs/architecture.md"),
        "en": ("a formula of the closed grammar: {detail}", "see the Formulas section of docs/architecture.md"),
    },
    "parameter_unknown": {
        "vi": ("chỉ các tham số: {allowed}", "sửa tên tham số{hint}"),
        "en": ("only the parameters: {allowed}", "correct the parameter's name{hint}"),
    },
    "parameter": {
        "vi": ("{expected}", "sửa giá trị trong tệp tham số"),
        "en": ("{expected}", "correct the value in the parameter file"),
    },
    "no_figure": {
        "vi": ("số liệu đã công bố đến ngày {known}", "kiểm tra mã, địa bàn, kỳ; hoặc nhập số liệu còn thiếu"),
        "en": ("a figure known on {known}", "check code, area and period, or enter the missing figure"),
    },
    "incomparable": {
        "vi": ("các đơn vị cộng trừ được với nhau", "đổi về cùng một đơn vị trong biểu thức"),
        "en": ("units that can be added", "bring the expression to one unit"),
    },
    "periods_apart": {
        "vi": ("các số thành phần cùng một kỳ", "ghi rõ [period=…] cho từng số"),
        "en": ("parts of one period", "state [period=…] for each part"),
    },
    "template": {
        "vi": ("mẫu {{{{loại:biểu thức|tùy chọn}}}} hợp lệ: {detail}", "sửa mẫu trong tệp"),
        "en": ("a valid {{{{kind:expression|options}}}}: {detail}", "correct the template"),
    },
    **DATA_MESSAGES,
    **FORECAST_MESSAGES,
    **INDEX_MESSAGES,
    **TARGET_MESSAGES,
    **LOOP_MESSAGES,
}

_ABSENT = ("missing_file", "missing_column")  # where nothing found is a thing that is not there, no blank cell
WORDS = {
    "vi": {
        "row": "dòng",
        "column": "cột",
        "expected": "cần",
        "found": "thấy",
        "advice": "cách sửa",
        "blank": "(trống)",
        "absent": "không có",
    },
    "en": {
        "row": "row",
        "column": "column",
        "expected": "expected",
        "found": "found",
        "advice": "do",
        "blank": "(blank)",
        "absent": "none",
    },
}


@dataclass(frozen=True)
class Problem:
    """One problem: a message code, a place (file, row, column) and what was found there."""

    code: str
    file: str = ""
    row: int | None = None
    column: str = ""
    found: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    head: str = ""  # the column as the file itself heads it, where that is not its name

    def text(self, lang: str = "vi") -> str:
        """Return the problem as one line: where, expected, found, what to do."""
        words = WORDS[lang]
        details = {key: value[lang] if isinstance(value, dict) else value for key, value in self.details.items()}
        expected, advice = (part.format(**details) for part in MESSAGES[self.code][lang])
        place = [self.file] if self.file else []
        place += [f"{words['row']} {self.row}"] if self.row is not None else []
        place += [f"{words['column']} {self.head or self.column}"] if self.column else []
        found = self.found if self.found != "" else words["absent" if self.code in _ABSENT else "blank"]
        where = f"{', '.join(place)}: " if place else ""
        return f"{where}{words['expected']} {expected}; {words['found']} {found}; {words['advice']}: {advice}."


class ProblemError(ValueError):
    """Raised with all problems of a check at once."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = list(problems)
        super().__init__("\n".join(problem.text() for problem in self.problems))

    def text(self, lang: str = "vi") -> str:
        """Return all problems, one a line."""
        return "\n".join(problem.text(lang) for problem in self.problems)


class CallError(ProblemError):
    """Raised when a command is called wrongly (an option's value that cannot be); the command line then exits with 2."""


def likely(names: Iterable[str]) -> dict[str, str]:
    """Return the words that offer what was perhaps meant, in both languages; empty when there is nothing to offer.

    >>> likely(["known"])["en"]
    ' (did you mean known?)'
    """
    offered = ", ".join(names)
    return {"vi": f" (có phải {offered}?)", "en": f" (did you mean {offered}?)"} if offered else {"vi": "", "en": ""}
