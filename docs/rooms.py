"""Write the rooms and modules of ``docs/architecture.md`` from the code: ``python docs/rooms.py`` (``make architecture``).

The package's modules in; between the two marks of the document a table a room, one line a module with the first paragraph that it opens with.
"""

import ast
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "nq57lab"
DOCUMENT = HERE / "architecture.md"
BEGIN, END = "<!-- rooms: made by docs/rooms.py -->", "<!-- end of rooms -->"


def layers() -> list[str]:
    """Return the rooms, the lowest first, as import-linter holds them (``pyproject.toml``)."""
    settings = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    lines = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    return [room for line in reversed(lines) for room in line.split(" | ")]


def opening(path: Path) -> str:
    """Return the first paragraph of a module's docstring on one line, as Markdown."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    line = " ".join(text.split("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")
    for role in (":mod:", ":func:", ":class:", ":data:", ":meth:"):
        line = line.replace(f"{role}`~nq57lab.", "`").replace(f"{role}`nq57lab.", "`").replace(role, "")
    return line


def rooms() -> str:
    """Return the section: the top modules, then every room with what it is and its modules."""
    parts = ["| module | what it is |", "|---|---|"]
    parts += [f"| `{path.name}` | {opening(path)} |" for path in sorted(PACKAGE.glob("*.py"))]
    for room in (PACKAGE / name for name in layers()):
        parts += [
            "",
            f"### {room.name}/",
            "",
            opening(room / "__init__.py"),
            "",
            "| module | what it is |",
            "|---|---|",
        ]
        for path in sorted(room.rglob("*.py"), key=lambda path: (len(path.parts), path.as_posix())):
            name = path.relative_to(room).as_posix().replace("__init__.py", "")
            if name:
                parts.append(f"| `{name}` | {opening(path)} |")
    return "\n".join(parts)


def written() -> str:
    """Return the document with its rooms as the code has them now."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    return f"{before}{BEGIN}\n\n{rooms()}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    DOCUMENT.write_text(written(), encoding="utf-8")
