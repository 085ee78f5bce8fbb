"""The calls of the tutorial notebook: an illustrative index, the reader's own notebook, the reader's own report."""

import html
from pathlib import Path
from urllib.parse import quote

from nq57lab.base.project import find_root
from nq57lab.jupyter import analysis
from nq57lab.publish import execute
from nq57lab.publish.params import load


class Link:
    """Files of the project, shown by JupyterLab as links: a page opens in the browser, all else in JupyterLab."""

    def __init__(self, root: Path, paths: list[Path], words: str):
        self.paths, self._root, self._words = paths, root, words

    def _repr_html_(self) -> str:
        shown = []
        for path in self.paths:
            name = path.relative_to(self._root).as_posix()
            served = "/files/" if path.suffix == ".html" else "/lab/tree/"
            shown.append(f'<li><a href="{served}{quote(name)}" target="_blank">{html.escape(name)}</a></li>')
        return f"<p>{html.escape(self._words)}</p><ul>{''.join(shown)}</ul>"

    def __repr__(self) -> str:
        return "\n".join([self._words, *(path.relative_to(self._root).as_posix() for path in self.paths)])


def begin(name: str, code: str, known: str) -> Link:
    """Make the reader's own notebook and parameters from the template, unless they are there already."""
    root = find_root()
    parameters = root / "params" / f"{name}.yml"
    if not parameters.exists():
        return Link(root, analysis.new(root, name, code, known), "Đã tạo:")
    notebook = root / "notebooks" / load(parameters)["notebook"]
    return Link(root, [notebook, parameters], "Đã có từ trước, giữ nguyên:")


def report(name: str) -> Link:
    """Make the reader's own report; return a link to it."""
    root = find_root()
    folder = execute.run(root, load(root / "params" / f"{name}.yml"))
    return Link(root, sorted(folder.glob(f"{name}.*html")), "Báo cáo của bạn:")
