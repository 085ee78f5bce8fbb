"""One language at a time: help, its frame, results and errors, in Vietnamese by default and in English when asked for."""

import re
import sys

import pytest
import typer

from nq57lab.base import messages
from nq57lab.cli import language, main
from nq57lab.facts.commands import STATE

VIETNAMESE = re.compile(r"[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)
FRAME = re.compile(
    r"\b(Usage|Options?|Arguments?|Commands?|Error|Show|this|message|page|exit|required|default|env|var|Example|text|number|path|ARGS)\b"
)


def leaves(command, words=()):
    """Every command and group, by the words that call it."""
    yield words, command
    for name, own in getattr(command, "commands", {}).items():
        yield from leaves(own, (*words, name))


TREE = dict(leaves(typer.main.get_command(main.app)))


@pytest.fixture(autouse=True)
def _speaks_vietnamese_again(monkeypatch):
    monkeypatch.setitem(STATE, "lang", "vi")
    monkeypatch.setenv("NQ57_LANG", "vi")  # a call sets it
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def nq57(monkeypatch, capsys):
    """Run a command; give back its exit code, what it printed and its error."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["nq57", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main.main()
        printed = capsys.readouterr()
        return stop.value.code, printed.out, printed.err

    return run


def test_every_help_text_has_its_english_and_no_english_text_is_left_over():
    said = set()
    for command in TREE.values():
        for text in (command.help, *(getattr(parameter, "help", "") for parameter in command.params)):
            told, _, example = (text or "").partition(language.EXAMPLE)
            said |= {told.strip(), example.partition("\n\n")[2].strip()}
    assert said - {""} == set(messages.section("en", "help"))


def test_every_command_and_option_is_explained():
    for words, command in TREE.items():
        assert command.help, words
        assert all(parameter.help for parameter in command.params), words


@pytest.mark.parametrize("words", TREE, ids=" ".join)
def test_the_help_of_every_command_is_vietnamese_by_default(nq57, words):
    code, out, _ = nq57(*words, "--help")
    assert code == 0
    assert VIETNAMESE.search(out)
    names = {name for parameter in TREE[words].params for name in (parameter.name, *parameter.opts)}
    left = [word for word in FRAME.findall(re.sub(r"[{\[][\w.]+[}\]]|\S+\.\w+", "", out)) if word not in names]
    assert left == []


@pytest.mark.parametrize("words", TREE, ids=" ".join)
def test_the_help_of_every_command_is_english_when_asked_for(nq57, words):
    code, out, _ = nq57("--lang", "en", *words, "--help")
    assert code == 0
    assert "Usage: nq57" in out
    assert not VIETNAMESE.search(re.sub(r'"quý\s+II/2026"', "", out))


def test_the_panels_are_typers_own():
    from typer import rich_utils

    assert all(isinstance(getattr(rich_utils, name.upper()), str) for name in messages.section("en", "panels"))


WRONG = [
    (["fin"], "find"),
    (["find"], "words"),
    (["report", "--perod", "x"], "--period"),
    (["loops", "simulate", "x", "--steps", "nhieu"], "nhieu"),
    (["index", "uncertainty", "--runs=1", "--data", "a", "--meta", "b", "--config", "c", "-o", "d"], "≥ 2"),
    (["show", "A.01.01", "A.01.02"], "A.01.02"),
    (["show", "--known"], "--known"),
    (["alerts", "--editions", "a"], ": 2"),
    (["loops", "links", "--stated=1"], "--stated"),
    (["data", "export"], "--output"),
]


@pytest.mark.parametrize(("arguments", "named"), WRONG, ids=[" ".join(call) for call, _ in WRONG])
def test_a_wrong_call_is_told_as_a_problem_in_the_language_chosen(nq57, arguments, named):
    code, out, vietnamese = nq57(*arguments)
    assert (code, out) == (2, "")
    assert named in vietnamese
    assert re.search(r"cần .+; thấy .+; cách sửa: .+ nq57 .*--help", vietnamese)
    code, out, english = nq57("--lang", "en", *arguments)
    assert (code, out) == (2, "")
    assert named in english
    assert re.search(r"expected .+; found .+; do: .+ nq57 .*--help", english)
    assert not VIETNAMESE.search(english)


def test_the_language_comes_from_the_environment_unless_the_call_names_one(nq57, monkeypatch):
    monkeypatch.setenv("NQ57_LANG", "en")
    assert "Usage" in nq57("--help")[1]
    assert "Cách dùng" in nq57("--lang", "vi", "--help")[1]
    monkeypatch.setenv("NQ57_LANG", "en")
    assert "expected" in nq57("fin")[2]


def test_the_language_holds_for_the_help_whichever_comes_first(nq57):
    assert "Usage" in nq57("--help", "--lang", "en")[1]


def test_a_group_without_a_command_shows_its_help_in_the_language_chosen(nq57):
    code, out, _ = nq57("--lang", "en", "data")
    assert code == 2
    assert "Usage: nq57 data" in out
    assert not VIETNAMESE.search(out.replace("quý II", ""))


SCREENS = [
    ["find", "kinh", "te", "so"],
    ["show", "A.02.02", "--known", "2026-06-30"],
    ["catalogue", "audit"],
    ["indicators", "--known", "2026-06-30"],
    ["audit"],
    ["targets", "--known", "2026-06-30", "--no-probability"],
    ["alerts", "--known", "2026-06-30", "--no-probability"],
    ["data", "status", "--on", "2026-07-01"],
    ["data", "rollup", "--to", "year", "--known", "2026-06-30"],
    ["data", "drill", "A.01.05", "--known", "2026-06-30"],
    ["loops", "links"],
]


def heads(screen):
    """The cells of every head row of a printed screen."""
    return [cell.strip() for line in re.findall(r"^┃(.*)┃$", screen, re.MULTILINE) for cell in line.split("┃")]


def test_the_values_of_a_definition_are_told_in_the_language_chosen(nq57, in_project):
    shown = nq57("--lang", "en", "show", "A.02.02", "--known", "2026-06-30")[1]
    assert "the higher the better" in shown
    assert "năm" not in shown.partition("Frequency")[2].partition("\n")[0]


@pytest.mark.parametrize("arguments", SCREENS, ids=" ".join)
def test_columns_are_headed_and_results_told_in_the_language_chosen(nq57, in_project, arguments):
    code, out, _ = nq57(*arguments)
    own, english = set(messages.section("vi", "heads").values()), set(messages.section("en", "heads").values())
    assert code == 0
    assert heads(out)
    assert set(heads(out)) - {""} <= own
    code, out, _ = nq57("--lang", "en", *arguments)
    assert code == 0
    assert heads(out)
    assert set(heads(out)) - {""} <= english


def test_what_a_command_says_is_in_the_language_chosen(nq57, in_project, tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    assert "dòng)." in nq57("catalogue", "audit", "-o", path)[1]
    written = path.read_bytes()
    assert "Wrote" in nq57("--lang", "en", "catalogue", "audit", "-o", path)[1]
    told = path.read_bytes()
    assert (
        told.splitlines()[0] == written.splitlines()[0]
    )  # a file's columns are the same, its reasons in the language chosen
    assert b"The printed unit" in told and b"The printed unit" not in written
    for call in (["catalogue", "check"], ["find", "zzzz"]):
        monkeypatch.setenv("NQ57_LANG", "")
        assert VIETNAMESE.search(nq57(*call)[1])
        assert not VIETNAMESE.search(nq57("--lang", "en", *call)[1])


def test_what_is_wrong_deep_down_is_told_in_the_language_chosen():
    from nq57lab.base import formulas
    from nq57lab.base.problems import Problem, ProblemError

    for text in (
        "a + $",
        "(a",
        "1 +",
        ")",
        "foo(a)",
        "a[b]",
        "a[b=1; b=2]",
        "per(a)",
        'count_where(a, "!", 1)',
        "",
        "a b",
    ):
        with pytest.raises(formulas.FormulaError) as error:
            formulas.parse(text)
        assert not VIETNAMESE.search(error.value.detail["en"])
        assert str(error.value) == error.value.detail["vi"]
    found = Problem("store_busy", found=messages.shape("waited", seconds=1), details={"holder": "pid 1"})
    assert not VIETNAMESE.search(found.text("en"))
    assert "đã chờ 1 giây" in str(ProblemError([found]))


def test_every_reason_that_a_result_keeps_has_its_words_in_both_languages():
    from string import Formatter

    for code, text in messages.section("vi", "reasons").items():
        names = [name for _, name, _, _ in Formatter().parse(text) if name]
        english = messages.section("en", "reasons")[code]
        assert sorted(names) == sorted(name for _, name, _, _ in Formatter().parse(english) if name), code
        kept = messages.reason(code, **dict.fromkeys(names, 7))
        assert not VIETNAMESE.search(kept.words("en")), code
        assert kept.words("vi") == text.format(**dict.fromkeys(names, 7)) == str(kept), code


def test_the_reasons_in_a_table_are_english_when_english_is_asked_for(nq57, tmp_path):
    cases = (
        "id,base_year,base_value,current_year,current_value,target_year,target,direction\na,2024,5,2024,5,2030,9,1\n"
    )
    file, out = tmp_path / "cases.csv", tmp_path / "out.csv"
    file.write_text(cases, encoding="utf-8")
    assert nq57("--lang", "en", "targets", "evaluate", str(file), "-o", str(out))[0] == 0
    told = out.read_text(encoding="utf-8")
    assert "no period after the base year" in told and not VIETNAMESE.search(told)
    assert nq57("--lang", "vi", "targets", "evaluate", str(file), "-o", str(out))[0] == 0
    assert "chưa có kỳ nào sau năm gốc" in out.read_text(encoding="utf-8")


def test_a_problem_raised_in_a_process_that_a_command_starts_speaks_its_language(nq57, monkeypatch):
    from nq57lab.base.problems import Problem, ProblemError

    assert "cần" in str(ProblemError([Problem("empty")]))
    nq57("--lang", "en", "--help")
    assert not VIETNAMESE.search(str(ProblemError([Problem("empty")])))


def test_every_column_that_is_headed_has_its_own_words():
    for lang in messages.LANGUAGES:
        assert not any("_" in words for words in messages.section(lang, "heads").values())
