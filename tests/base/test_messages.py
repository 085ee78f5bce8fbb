"""The messages: the same codes and particulars in both languages, each code in use, each code used with words."""

import ast
from functools import cache
from string import Formatter

import pytest
import yaml

from nq57lab.base import messages

SECTIONS = ("problems", "reasons", "words", "frame", "pieces", "panels", "types", "said", "heads", "shapes", "index")


@cache
def whole(lang):
    """A language's file as any reader of YAML sees it."""
    return yaml.safe_load((messages.HERE / f"{lang}.yml").read_text(encoding="utf-8"))


def texts(lang, section):
    """Code → text, or code.part → text."""
    found = {}
    for code, text in whole(lang)[section].items():
        found |= {f"{code}.{part}": own for part, own in text.items()} if isinstance(text, dict) else {code: text}
    return found


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@cache
def written(root):
    """Every text constant of the package, the beginnings of its f-strings, and the first argument of every call by the called name."""
    constants, starts, called = set(), set(), {}
    for path in sorted((root / "nq57lab").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                starts.add(node.values[0].value)
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                called.setdefault(name, set()).add(node.args[0].value)
    return constants, starts, called


@pytest.mark.parametrize("section", SECTIONS)
def test_both_languages_have_the_same_codes_with_the_same_particulars(section):
    vi, en = texts("vi", section), texts("en", section)
    assert list(vi) == list(en)
    assert {code: fields(text) for code, text in vi.items()} == {code: fields(text) for code, text in en.items()}
    assert all(text.strip() for code, text in (*vi.items(), *en.items()) if code != "<bool>")  # a switch has no value


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_a_section_read_alone_is_the_section_of_the_whole_file(lang):
    assert {name: messages.section(lang, name) for name in whole(lang)} == whole(lang)


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_no_code_is_written_twice(lang):
    node = yaml.compose((messages.HERE / f"{lang}.yml").read_text(encoding="utf-8"))
    for name, section in node.value:
        codes = [key.value for key, _ in section.value]
        assert sorted(codes) == sorted(set(codes)), name.value


def test_every_code_raised_has_words(root):
    _, _, called = written(root)
    assert called["Problem"] <= set(whole("vi")["problems"])
    assert called["reason"] <= set(whole("vi")["reasons"])


def test_every_code_with_words_is_used(root):
    constants, starts, _ = written(root)
    for section in ("problems", "reasons", "words", "frame", "said", "shapes"):
        unused = {code.removesuffix("_brief") for code in whole("vi")[section]} - constants
        assert {code for code in unused if f"{code.split('_')[0]}_" not in starts} == set(), (
            section
        )  # verdict_…, league_…


def test_every_sentence_and_shape_named_has_words(root):
    _, _, called = written(root)
    shapes = dict.fromkeys(("shape", "complain", "of_choice", "FormulaError"), "shapes")
    for name, section in ({"say": "said", "told": "said"} | shapes).items():
        assert called[name] <= set(whole("vi")[section]), name


def test_no_pair_of_languages_is_left_in_python(root):
    for path in sorted((root / "nq57lab").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            keys = {getattr(key, "value", None) for key in node.keys} if isinstance(node, ast.Dict) else set()
            pair = set(messages.LANGUAGES) <= keys and "re.compile" not in ast.unparse(node)  # how numbers are written
            assert not pair, f"{path.name}:{node.lineno}"
