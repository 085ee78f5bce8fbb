"""The page of what changed between two editions: the table of :func:`nq57lab.publish.compare.diff` as one HTML file."""

import html
from pathlib import Path

import pandas as pd

from nq57lab.base import whole
from nq57lab.publish.compare import KINDS

_STYLE = """body{font-family:"Times New Roman",serif;margin:0 auto;max-width:70rem;padding:1rem;line-height:1.45;color:#1a1a1a}
table{border-collapse:collapse;width:100%;border-top:2px solid;border-bottom:2px solid}th,td{text-align:left;vertical-align:top;padding:.35rem .5rem}
thead th{border-bottom:1px solid}.cuon{overflow-x:auto}h2{margin-top:2rem}"""
HEADS = {
    "subject": "Nội dung",
    "area": "Địa bàn",
    "period": "Kỳ",
    "before": "Trước",
    "after": "Sau",
    "cause": "Nguyên nhân",
}


def page(table: pd.DataFrame, one: str, other: str) -> str:
    """Return the page; every text is escaped."""
    title = f"Thay đổi từ {one} đến {other}"
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        f"<p>{len(table)} thay đổi.</p>" if len(table) else "<p>Không có thay đổi.</p>",
    ]
    for kind, word in KINDS.items():
        rows = table[table["kind"] == kind]
        if rows.empty:
            continue
        heading = word[:1].upper() + word[1:]
        cells = "".join(
            "<tr>" + "".join(f"<td>{html.escape(str(row[name]))}</td>" for name in HEADS) + "</tr>"
            for row in rows.to_dict("records")
        )
        heads = "".join(f'<th scope="col">{label}</th>' for label in HEADS.values())
        parts.append(
            f"<h2>{heading} ({len(rows)})</h2>\n"
            f'<div class="cuon" tabindex="0" role="region" aria-label="{heading}"><table><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table></div>'
        )
    return (
        '<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        + "\n".join(parts)
        + "</main></body></html>\n"
    )


def write(table: pd.DataFrame, path: Path, one: str, other: str) -> None:
    """Write the page to a file."""
    whole.write(path, page(table, one, other))
