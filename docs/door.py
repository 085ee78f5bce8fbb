"""Write what ``docs/giao-dien.md`` takes from the code: ``python docs/door.py`` draws the gallery too (``make architecture`` for the text alone).

The page's own questions and the door's docstrings in; below each question its picture (``docs/hinh/cau-NN.png``), and between the two marks
the reference: every call with its signature, shapes, units, formula, errors, and the questions that show it.
"""

import ast
import inspect
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DOCUMENT, PICTURES, FRONT = HERE / "giao-dien.md", HERE / "hinh", HERE / "giao-dien.png"
BEGIN, END = "<!-- reference: made by docs/door.py -->", "<!-- end of reference -->"
PIXELS = 150_000  # of a picture, so that the gallery stays small
QUESTION = re.compile(r"^\*\*(\d+)\. .*?```python\n(.*?)```\n", re.S | re.M)
FULL = re.compile(r":(?:func|meth):`(nq57lab\.door[\w.]+)`")
# What an analyst calls, in the order of the page: a heading and the objects below it.
CALLS = {
    "nq": ["lab.open_lab", "lab.open_report", "own.tables.forecast", "own.tables.evaluate_targets", "own.tables.loops"],
    "lab": ["lab.Lab"],
    "lab[…]": ["subject.Subject"],
    "lab[…].series()": ["subject.Series"],
    "Index": ["index.Index"],
    "report": ["lab.Report"],
    "Result": ["result.Result"],
}
SHOWN = {
    "open_lab": "nq.open",
    "open_report": "nq.report",
    "forecast": "nq.forecast",
    "evaluate_targets": "nq.evaluate_targets",
    "loops": "nq.loops",
}


def found(path: str) -> Any:
    """Return an object of the door by its path below ``nq57lab.door``."""
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            place = import_module(".".join(["nq57lab.door", *parts[:cut]]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:]:
            place = getattr(place, name)
        return place
    raise LookupError(path)


def told(call: Any) -> str:
    """Return a call's docstring; of one that says where it is told in full, that one's."""
    text = inspect.getdoc(call) or ""
    where = FULL.search(text)
    if where and "\n" not in text.strip():
        text = inspect.getdoc(found(where[1].removeprefix("nq57lab.door."))) or text
    return text


def markdown(text: str) -> str:
    """Return a numpydoc docstring as Markdown: section heads in bold, parameters as a list, roles as code."""
    text = re.sub(r":\w+:`~?(?:nq57lab\.)?([^`]+)`", r"`\1`", text).replace("``", "`")
    text = re.sub(r"^(\w[\w ]+)\n-{3,}$", r"\n**\1**\n", text, flags=re.M)
    lines, inside = [], False
    for line in text.split("\n"):
        head = re.fullmatch(r"(\*?\*?\w[\w, ]*|\*\*told)( : .+)?", line)
        if line.startswith("**") and line.endswith("**"):
            inside = line.strip("*") in ("Parameters", "Returns", "Raises")
            lines.append(line)
        elif inside and head and not line.startswith(" "):
            lines.append(f"- `{line}`")
        else:
            lines.append(f"  {line.strip()}" if inside and line.startswith(" ") else line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def shown_in(name: str, questions: dict[int, str]) -> str:
    """Say which questions of the page call something."""
    numbers = [str(number) for number, code in questions.items() if re.search(rf"[.]{name}\(", code)]
    return f"\n\nVí dụ: câu {', '.join(numbers)}." if numbers else ""


def entry(title: str, call: Any, questions: dict[int, str]) -> str:
    """Return the reference of one call."""
    name = call.__name__
    signature = ""
    if not isinstance(call, property):
        text = str(inspect.signature(call)).replace("self, ", "").replace("(self)", "()")
        text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", text)
        signature = re.sub(r"\b(?:nq57lab|pandas|pd|alt|datetime|pathlib|typing|collections)\.(?:\w+\.)*", "", text)
    return f"#### `{title}`\n\n```text\n{title}{signature}\n```\n\n{markdown(told(call))}{shown_in(name, questions)}\n"


def questions_of(text: str) -> dict[int, str]:
    """Return the code of every question, by its number."""
    return {int(number): code for number, code in QUESTION.findall(text)}


def reference(questions: dict[int, str]) -> str:
    """Return the reference of every call."""
    parts = []
    for head, paths in CALLS.items():
        parts.append(f"### {head}\n")
        for path in paths:
            call = found(path)
            if not inspect.isclass(call):
                parts.append(entry(SHOWN[call.__name__], call, questions))
                continue
            parts.append(f"{markdown(inspect.getdoc(call) or '')}\n")
            for name, member in vars(call).items():
                part = member.__func__ if isinstance(member, classmethod | staticmethod) else member
                if name.startswith("_") and name != "__getitem__":
                    continue
                if isinstance(part, property):
                    parts.append(f"#### `.{name}`\n\n{markdown(inspect.getdoc(part) or '')}\n")
                elif inspect.isfunction(part):
                    title = "lab[code]" if name == "__getitem__" else f".{name}"
                    parts.append(entry(title, part, questions))
    return "\n".join(parts)


def written(text: str) -> str:
    """Return the page with its reference, and a picture below each question, as code and folder have them now."""
    before, _, rest = text.partition(BEGIN)
    body = re.sub(r"\n!\[[^\]]*\]\(hinh/cau-\d+\.png\)\n", "", before)
    body = QUESTION.sub(lambda m: f"{m[0]}\n![Kết quả của câu {m[1]}](hinh/cau-{int(m[1]):02d}.png)\n", body)
    return f"{body}{BEGIN}\n\n{reference(questions_of(body))}\n{END}{rest.partition(END)[2]}"


def answers(text: str) -> dict[int, Any]:
    """Run the page from top to bottom; return of each question what its picture shows: its last chart, else its last result."""
    names: dict[str, Any] = {}
    by_code = {code: number for number, code in questions_of(text).items()}
    kept = {}
    for block in re.findall(r"```python\n(.*?)```", text.partition(BEGIN)[0], re.S):
        values = []
        for node in ast.parse(block).body:
            code = ast.unparse(node)
            values += [eval(code, names)] if isinstance(node, ast.Expr) else [exec(code, names)]
        if block in by_code:
            shown = [value for value in values if hasattr(value, "_repr_mimebundle_") or hasattr(value, "_repr_html_")]
            charts = [value for value in shown if getattr(value, "live", None) and "image/svg+xml" in value.live]
            last = charts or [value.chart() for value in shown if getattr(value, "charts", None)] or shown
            named = (
                [value for name, value in names.items() if name == ast.parse(block).body[0].targets[0].id]
                if not last
                else []
            )
            kept[by_code[block]] = (last or named)[-1]
    return kept


def draw(text: str) -> None:
    """Draw every question's picture: a chart as it is, a table by Chromium."""
    import os

    from playwright.sync_api import sync_playwright

    import nq57lab as nq
    from nq57lab.charts import theme

    os.chdir(HERE.parent)
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 720, "height": 420})
        for number, value in answers(text).items():
            file, live = PICTURES / f"cau-{number:02d}.png", getattr(value, "live", None) or {}
            if "image/svg+xml" in live:
                width, height = map(float, re.findall(r'(?:width|height)="([\d.]+)"', live["image/svg+xml"])[:2])
                scale = min(0.9, (PIXELS / width / height) ** 0.5)
                file.write_bytes(theme.painted(live["image/svg+xml"], scale))
                continue
            inside = live.get("text/html") or value._repr_html_()
            page.set_content(f"<body style='font:13px sans-serif;margin:8px'>{inside}</body>")
            page.screenshot(path=file)
        browser.close()
    fan = nq.open("2026-06-30")["A.02.06"].forecast(to=2030).chart()  # README's six lines
    FRONT.write_bytes(theme.painted(fan.live["image/svg+xml"], 1.2))
    (HERE.parent / "bang.xlsx").unlink(missing_ok=True)


if __name__ == "__main__":
    content = DOCUMENT.read_text(encoding="utf-8")
    if "--text" not in sys.argv:
        draw(content)
    DOCUMENT.write_text(written(content), encoding="utf-8")
