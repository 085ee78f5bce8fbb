"""What officials read is plain Vietnamese: no trade's word left unexplained, no command, no file, and one way to write what runs from … to …."""

import ast
import csv
import re
from pathlib import Path

import nbformat
import pytest
import yaml
from support import ROOT

from nq57lab.base import wording

# A module's own texts are those that officials read in reports and on the site; screens for analysts (commands, notebooks' views) may say more.
ROOMS = (
    "alerts",
    "comparators",
    "composite/pages.py",
    "documents",
    "links",
    "loops",
    "outlook",
    "quality",
    "reports",
    "site",
    "targets",
)
LEFT_OUT = ("cli.py", "screen.py", "lookup.py", "plain_numbers.py", "live.py", "open_data.py", "feed.py")
VIETNAMESE = re.compile("[à-ỹđ]")
FORBIDDEN = {
    "a word of the trade": re.compile(
        r"\b(?:sandbox|spin-?off|startup|dashboard|Frictionless|(?-i:Atom)|backtest|benchmark)\b|\bM3\b(?!, 2000\))|\bBrier\b(?!\))|\bTheta\b(?!\))",
        re.IGNORECASE,
    ),
    "an expression that says little": re.compile(
        r"lượt số liệu|Cách có|\bSố in\b|, từ \d|cũ mới có|đọc theo bậc|từng phần trăm|phương pháp đồng ý"
    ),
    "a span written another way": re.compile(r"\b(?:19|20)\d\d(?:[-–—]| - | — )(?:19|20)\d\d\b"),
}
COMMAND = re.compile(r"\bnq57 [a-z]+|\.csv\b|\.ipynb\b|--[a-z]{3,}")


def wrong(text: str, *, commands: bool) -> list[str]:
    found = [f"{kind}: {match[0]}" for kind, rule in FORBIDDEN.items() for match in [rule.search(text)] if match]
    return found + [f"a command or file: {match[0]}" for match in [COMMAND.search(text)] if match and commands]


def literals(path: Path) -> list[str]:
    """Return the Vietnamese texts of a module; docstrings are English, and the rows of a trace are files by contract."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    texts = [
        "".join(p.value if isinstance(p, ast.Constant) else "{}" for p in n.values)
        for n in ast.walk(tree)
        if isinstance(n, ast.JoinedStr)
    ]
    texts += [
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in inside
    ]
    return [text for text in texts if VIETNAMESE.search(text) and not re.fullmatch(r"\s*>>>.*", text)]


def modules() -> list[Path]:
    found = []
    for room in ROOMS:
        path = ROOT / "nq57lab" / room
        found += [path] if path.suffix else sorted(path.rglob("*.py"))
    return [path for path in found if path.name not in LEFT_OUT]


def test_the_modules_say_it_in_plain_words():
    found = []
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        spoken = {
            ast.get_docstring(n, clean=False)
            for n in ast.walk(tree)
            if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)
        }
        found += [
            (path.name, why, text[:60])
            for text in literals(path)
            if text not in spoken
            for why in wrong(text, commands=True)
        ]
    assert found == []


def test_templates_and_messages_say_it_in_plain_words():
    found = []
    for path in sorted((ROOT / "reports" / "_templates").rglob("*")):
        if path.suffix in (".md", ".yml", ".html"):
            text = re.sub(r"\{\{[^}]*\}\}", "{}", path.read_text(encoding="utf-8"))
            found += [
                (path.name, why)
                for line in text.splitlines()
                if not line.startswith("Tài liệu:")  # titles of works
                for why in wrong(line, commands=path.suffix != ".html")
            ]
    messages = yaml.safe_load((ROOT / "nq57lab/base/messages/vi.yml").read_text(encoding="utf-8"))
    for section in ("reasons", "words", "heads"):
        for code, text in messages.get(section, {}).items():
            found += [(code, why) for why in wrong(str(text), commands=section == "reasons")]
    assert found == []


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("indicators", ["name_vi"]),
        ("variables", ["name_vi"]),
        ("groups", ["name_vi"]),
        ("programmes", ["name_vi"]),
        ("sources", ["title_vi"]),
        ("loop_nodes", ["name_vi", "short_vi"]),
        ("breaks", ["note_vi"]),
    ],
)
def test_the_catalogue_names_things_in_plain_words(table, columns):
    with (ROOT / "data" / "catalogue" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        found = [
            (row[name], why)
            for row in csv.DictReader(file)
            for name in columns
            for why in wrong(row[name], commands=False)
        ]
    assert found == []


def test_the_notebooks_texts_for_documents_are_plain():
    found = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown" and "remove-cell" not in cell.metadata.get("tags", []):
                found += [
                    (path.name, why) for why in wrong(cell.source, commands=path.name[:2] in ("10", "11", "12", "13"))
                ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "2021-2025",
        "2021–2025",
        "2021 - 2025",
        "sandbox",
        "4/5 phương pháp đồng ý",
        "còn, từ 02/7/2021",
        "chạy nq57 alerts",
    ],
)
def test_the_rules_find_what_they_are_for(text):
    assert wrong(text, commands=True)
    assert not wrong(wording.span(2021, 2025), commands=True)
