"""A researcher's own model: one function or class in a file, named in a YAML.

```yaml
built_in: [hoc_nhieu_chuoi, theta, naive]      # optional; all built-in models when left out
models:
  - name: cua_toi                         # its name in the league table
    file: cua_toi.py                      # beside the YAML
    function: fit_predict                 # or class: CuaToi (an object with fit_predict)
    batch: false                          # true: y is (series, periods); false: one series at a time, (periods,)
    adjusted: true                        # true: quarterly and monthly series come seasonally adjusted
    settings: {window: 5}                 # further arguments of the function, or of the class
```
"""

import ast
import hashlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import metadata
from pathlib import Path

import yaml

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.forecast.registry import BUILT_IN, Model

KEYS = ("name", "file", "function", "class", "batch", "adjusted", "settings")


@dataclass(frozen=True)
class Spec:
    """Where a model is found: a built-in name (``file`` empty) or a file's function or class. Goes to other processes as it is."""

    name: str
    file: str = ""
    attribute: str = ""
    is_class: bool = False
    batch: bool = True
    adjusted: bool = True
    settings: dict = field(default_factory=dict)


def digest(spec: Spec) -> str:
    """Return a hash of what a model's forecasts follow from: its name and settings, its code, the packages it imports.

    Notes
    -----
    The code of a user's model is every Python file of its folder; of a built-in one the forecasting code and what it has learned. The
    packages are those that the code imports, with their installed versions (numpy and scipy always).
    """
    folder = Path(spec.file).parent if spec.file else Path(__file__).parents[1]
    sources = (
        sorted(folder.glob("*.py")) if spec.file else [*sorted(folder.rglob("*.py")), *sorted(folder.glob("*.json"))]
    )
    told = hashlib.sha256(
        f"{spec.name}|{spec.attribute}|{spec.batch}|{spec.adjusted}|{sorted(spec.settings.items())}".encode()
    )
    imported = {"numpy", "scipy"}
    for path in sources:
        content = path.read_bytes()
        told.update(path.name.encode() + content)
        imported |= _imported(content) if path.suffix == ".py" else set()
    told.update(repr(sorted((name, _version(name)) for name in imported)).encode())
    return told.hexdigest()[:16]


def _imported(source: bytes) -> set[str]:
    """Return the top names that a source imports; none where it cannot be parsed."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names}


def _version(name: str) -> str:
    """Return the installed version of the package that gives a module; empty for what is no package."""
    for package in _packages().get(name, ()):
        return metadata.version(package)
    return ""


@cache
def _packages() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def load(spec: Spec) -> Model:
    """Return the model of a specification."""
    if not spec.file:
        return BUILT_IN[spec.name]
    path = Path(spec.file)
    module_spec = importlib.util.spec_from_file_location(f"nq57_model_{digest(spec)}", path)
    if module_spec is None or module_spec.loader is None:
        raise ImportError(f"not a Python file: {path}")
    module = importlib.util.module_from_spec(module_spec)
    module_spec.loader.exec_module(module)
    found = getattr(module, spec.attribute)
    function = found(**spec.settings).fit_predict if spec.is_class else partial(found, **spec.settings)
    return Model(spec.name, function, spec.adjusted, spec.batch, spec.settings)


def built_in(names: list[str] | None = None) -> list[Spec]:
    """Return the specifications of built-in models (all when no name is given)."""
    return [Spec(name, adjusted=BUILT_IN[name].adjusted) for name in (BUILT_IN if names is None else names)]


def read(path: Path) -> list[Spec]:
    """Read a YAML of models. A model that cannot be loaded (a missing package, an error of its own) is left to the bench, which tells its
    reason beside the others' results; a file that is not there is a problem of the YAML.

    Raises
    ------
    ProblemError
        With every problem of the file.
    """
    if not path.is_file():
        raise ProblemError([Problem("missing_file", path.name, details={"file": str(path)})])
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ProblemError([Problem("model_config", path.name, found=str(error).splitlines()[0])]) from None
    wrong = (
        not isinstance(found, dict)
        or set(found) - {"models", "built_in"}
        or not isinstance(found.get("models", []), list)
    )
    if wrong:
        raise ProblemError([Problem("model_config", path.name, found=str(found)[:80])])
    wanted = found.get("built_in")
    problems = [
        Problem("values", path.name, column="built_in", found=name, details={"allowed": ", ".join(BUILT_IN)})
        for name in (wanted or [])
        if name not in BUILT_IN
    ]
    specs: list[Spec] = []
    for row, entry in enumerate(found.get("models", []), start=1):
        fine = isinstance(entry, dict) and {"name", "file"} <= set(entry) and not set(entry) - set(KEYS)
        if not fine or ("function" in entry) == ("class" in entry):
            problems.append(Problem("model_config", path.name, row, "models", str(entry)[:80]))
            continue
        spec = _spec(entry, path)
        taken = spec.name in BUILT_IN or spec.name in [other.name for other in specs]
        if taken:
            problems.append(Problem("model_config", path.name, row, "name", spec.name))
            continue
        if not Path(spec.file).is_file():
            details = {"name": spec.attribute, "detail": "FileNotFoundError"}
            problems.append(Problem("model_file", path.name, row, "file", str(entry["file"]), details))
            continue
        specs.append(spec)
    if problems:
        raise ProblemError(problems)
    return [*built_in(wanted), *specs]


def _spec(entry: dict, path: Path) -> Spec:
    return Spec(
        str(entry["name"]),
        str((path.parent / str(entry["file"])).resolve()),
        str(entry.get("function") or entry.get("class")),
        "class" in entry,
        bool(entry.get("batch", False)),
        bool(entry.get("adjusted", True)),
        dict(entry.get("settings") or {}),
    )
