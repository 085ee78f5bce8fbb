"""What the explorers share: what a page says and assumes, as HTML, with its data for the browser.

An :class:`Explorer` in, the body of its page out. The data stand in the page itself, so that it works from the file system too; the
scripts of ``reports/assets`` compute everything from them.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

from nq57lab.site import parts

FOLDER = "kham-pha"
PAGES = {
    "trong-so": "Trọng số: thứ hạng đổi thế nào?",
    "toc-do": "Tốc độ: bao giờ tới mục tiêu?",
    "vong-lap": "Vòng phản hồi: một cú đẩy lan tới đâu?",
}


@dataclass(frozen=True)
class Explorer:
    """One page: what it is about, what it assumes, its ready HTML between them, and the data of its script (None: nothing to show)."""

    name: str
    lead: str
    assumptions: tuple[str, ...]
    body: str
    data: dict[str, Any] | None
    empty: str = ""


def links() -> str:
    """Return the list items that lead to the explorers from the site's top folder."""
    return "".join(
        f'<li><a href="{FOLDER}/{name}.html">{parts.esc(title.partition(":")[0])}</a></li>'
        for name, title in PAGES.items()
    )


def html(explorer: Explorer) -> str:
    """Return the body of an explorer's page, its links written from the site's top folder."""
    title = PAGES[explorer.name]
    others = " · ".join(
        f'<a href="{FOLDER}/{name}.html">{parts.esc(text.partition(":")[0])}</a>'
        for name, text in PAGES.items()
        if name != explorer.name
    )
    head = (
        f'<link rel="stylesheet" href="kham-pha.css"><h1>{parts.esc(title)}</h1><p class="dan">{explorer.lead}</p>'
        f'<p class="kham-pha-khac">Khám phá khác: {others}</p>'
    )
    if explorer.data is None:
        return f"{head}<p>{explorer.empty}</p>"
    told = "".join(f"<li>{text}</li>" for text in explorer.assumptions)
    return (
        f'{head}<noscript><p class="khong-script">Trang này tính ngay trong trình duyệt nên cần bật JavaScript.</p></noscript>'
        f'<details class="gia-dinh" open><summary>Trang này giả định gì</summary><ul>{told}</ul></details>'
        f'<div id="kham-pha" class="kham-pha">{explorer.body}</div>'
        f'<script type="application/json" id="du-lieu-kham-pha">{as_json(explorer.data)}</script>'
        f'<script src="kham-pha.js"></script><script src="{FOLDER}-{explorer.name}.js"></script>'
    )


def as_json(data: dict[str, Any]) -> str:
    """Write data for a script inside a page: every number whole, what is missing as null, no sign that HTML would read.

    >>> as_json({"a": float("nan"), "b": "</script>"})
    '{"a":null,"b":"\\\\u003c/script>"}'
    """
    text = json.dumps(_plain(data), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, str | bool) or value is None:
        return value if not isinstance(value, str) else str(value)
    number = float(value)
    return None if not math.isfinite(number) else int(number) if number.is_integer() else number
