"""A copy of the whole project to make editions in, and what is read from its pages."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from support import ROOT

PARTS = ("data", "notebooks", "params", "reports/_filters", "reports/_templates", "reports/assets")
# What one copy has computed, checked or drawn serves the others: kept under the content of all it is made from.
SHARED = ("bang-chung-vong", "bieu-do-song", "da-kiem", "hinh", "kiem-nghiem-xac-suat")


def copy_project(root: Path) -> Path:
    """Copy the project without its past editions."""
    for part in PARTS:
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("cache", "kernel-ipc*"))
    for file in ("_quarto.yml", "_language.yml"):
        shutil.copy(ROOT / file, root / file)
    (root / "data" / "cache").mkdir()
    for name in SHARED:
        kept = ROOT / "data" / "cache" / name
        kept.mkdir(parents=True, exist_ok=True)
        (root / "data" / "cache" / name).symlink_to(kept)
    return root


class _Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts, self.skip = [], 0

    def handle_starttag(self, tag, attrs):
        self.skip += tag in ("script", "style")

    def handle_endtag(self, tag):
        self.skip -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.skip:
            self.parts.append(data)


def text_of(path: Path) -> str:
    reader = _Text()
    reader.feed(path.read_text(encoding="utf-8"))
    return re.sub(r"\s+", " ", "".join(reader.parts).replace("\u2060", "").replace("\u00a0", " "))


def chromium() -> str:
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if path is None:
        pytest.skip("không có trình duyệt (Chromium)")
    return path
