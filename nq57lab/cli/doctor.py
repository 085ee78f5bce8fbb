"""The doctor: what is installed, which renderer is in use, whether the data is in order."""

import shutil
import sys
from importlib import metadata
from pathlib import Path

from nq57lab.publish import quarto

NEEDED = (
    "fontpkg-be-vietnam-pro",
    "fontpkg-source-serif-4",
    "pandas",
    "papermill",
    "altair",
    "vl-convert-python",
    "pypandoc_binary",
    "typst",
    "python-docx",
    "jupyterlab",
)
OPTIONAL = {"playwright": "kiểm tra trang trong trình duyệt"}


def examine(root: Path) -> tuple[list[str], bool]:
    """Return the findings as lines, and whether reports can be made.

    Parameters
    ----------
    root : Path
        The project's root.
    """
    lines, fine = [f"Python {sys.version.split()[0]} ({sys.executable})", f"Dự án: {root}"], True
    for package in NEEDED:
        try:
            lines.append(f"  {package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            fine = False
            lines.append(f"  {package}: CHƯA CÀI; chạy make setup")
    for package, use in OPTIONAL.items():
        try:
            lines.append(f"  {package} {metadata.version(package)} ({use})")
        except metadata.PackageNotFoundError:
            lines.append(f"  {package}: chưa cài ({use}); không bắt buộc")
    program, shown = quarto.found()
    if program:
        lines.append(
            f"Bộ dựng báo cáo: Quarto {shown} ({program}); bộ dựng kèm theo vẫn dùng được với --renderer embedded"
        )
    else:
        least = ".".join(map(str, quarto.MINIMUM))
        lines.append(
            f"Bộ dựng báo cáo: kèm theo (pandoc và Typst). Quarto trên PATH (cần từ {least}): {shown}; make quarto để cài khi có mạng"
        )
    if fine:
        import pypandoc

        lines.append(f"  pandoc {pypandoc.get_pandoc_version()}")
        from nq57lab.base.problems import ProblemError
        from nq57lab.facts import catalogue, observations

        try:
            found = catalogue.load(root / "data")
            rows = observations.load(found)
            lines.append(f"Dữ liệu: {len(found.indicators)} chỉ số, {len(rows)} số liệu, không lỗi")
        except ProblemError as error:
            fine = False
            lines.append(f"Dữ liệu: {len(error.problems)} lỗi; chạy nq57 catalogue check để xem từng lỗi")
    chromium = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    lines.append(
        f"Trình duyệt để kiểm tra trang: {chromium or 'không có (các bài kiểm tra trình duyệt sẽ được bỏ qua)'}"
    )
    lines.append("Kết luận: lập được báo cáo." if fine else "Kết luận: chưa lập được báo cáo, xem các dòng trên.")
    return lines, fine
