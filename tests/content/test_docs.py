"""The documents keep to the code: functions, notebooks, commands and files that they name exist."""

import ast
import importlib
import re
import shlex

import pytest
import typer
from support import ROOT
from typer.testing import CliRunner

from nq57lab.cli.main import app

METHODS = (ROOT / "docs" / "phuong-phap.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(nq57lab(?:\.\w+)+)`", METHODS)))
PACKAGES = ("composite", "targets", "forecast", "loops")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_every_method_named_is_a_function_with_a_docstring():
    for path in NAMED:
        module, name = path.rsplit(".", 1)
        found = getattr(importlib.import_module(module), name)
        assert callable(found) and found.__doc__, path
    assert len(NAMED) > 60


def _citing() -> set[str]:
    """Return the public functions whose docstring cites a reference."""
    found = set()
    for package in PACKAGES:
        for path in sorted((ROOT / "nq57lab" / package).rglob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
                if public and "References\n" in (ast.get_docstring(node) or ""):
                    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                    found.add(f"{module}.{node.name}")
    return found


def test_every_function_that_cites_a_reference_is_on_the_methods_page():
    assert sorted(_citing() - set(NAMED)) == []


def test_every_row_of_the_methods_page_says_where_to_look_and_what_to_read():
    rows = [line for line in METHODS.splitlines() if line.startswith("| ") and "`nq57lab." in line]
    assert len(rows) > 40
    for row in rows:
        what, functions, where, reference = (cell.strip() for cell in row.strip("|").split("|"))
        assert what and functions and reference
        assert re.fullmatch(r"`(notebooks/\S+\.ipynb|nq57 [a-z ]+)`", where), row


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_files_that_a_page_links_to_exist(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    if page.name == "phuong-phap.md":  # read on the site too, whose pages it links to
        links = [link for link in links if not link.endswith(".html")]
    named = re.findall(r"`((?:params|notebooks|docs)/[\w./-]+\.(?:yml|ipynb|md))`", text)
    assert [link for link in links if not (page.parent / link).exists()] == []
    assert [name for name in named if not (ROOT / name).exists()] == []


def _commands(text: str) -> list[list[str]]:
    lines = re.findall(r"^(?:\.venv/bin/)?(nq57 [^\n#]+)", text, re.M) + re.findall(r"`(nq57 [^`]+)`", text)
    return [shlex.split(re.sub(r"[…<>]", "", line))[1:] for line in dict.fromkeys(lines)]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_commands_that_a_page_names_exist_with_their_options(page):
    top = typer.main.get_command(app)
    for words in _commands(page.read_text(encoding="utf-8")):
        command, rest = top, list(words)
        everywhere = {flag: 1 if parameter.is_flag else 2 for parameter in top.params for flag in parameter.opts}
        while rest and rest[0] in everywhere:  # options of every command stand before it, with their value
            rest = rest[everywhere[rest[0]] :]
        while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
            assert rest[0] in command.commands, words
            command = command.commands[rest.pop(0)]
        options = {flag for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)} | {
            "--help"
        }
        given = [word.split("=")[0] for word in rest if re.match(r"-{1,2}[a-z]", word)]
        assert set(given) <= options, words


def test_help_answers():
    assert CliRunner().invoke(app, ["site", "--help"]).exit_code == 0
