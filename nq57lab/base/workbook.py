"""Tables as Excel workbooks: one sheet, a bold frozen header, filters, readable widths; text that looks like a formula stays text."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from nq57lab.base import whole


def write(
    frame: pd.DataFrame, path: Path, title: str, cover: tuple[str, list[tuple[str, str]]] | None = None, day: str = ""
) -> None:
    """Write a table to an .xlsx file.

    Parameters
    ----------
    title : str
        The sheet's name (cut at Excel's 31 characters).
    cover : tuple, optional
        The name of a first sheet and its lines (label, text); the numbers and dates of the table then have formats.
    """
    from datetime import date

    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = title[:31].translate(str.maketrans("", "", "[]:*?/\\"))
    sheet.append([str(name) for name in frame.columns])
    for row in frame.itertuples(index=False):
        sheet.append([None if cell is pd.NA or (isinstance(cell, float) and cell != cell) else cell for cell in row])
    wrapped, bold = Alignment(wrap_text=True, vertical="top"), Font(bold=True)
    for cell in sheet[1]:
        cell.data_type, cell.font, cell.alignment = "s", bold, wrapped
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type, cell.alignment = "s", wrapped
            elif cover and isinstance(cell.value, date):
                cell.number_format = day
            elif cover and isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool):
                year = float(cell.value).is_integer() and 1900 <= cell.value < 2101
                cell.number_format = "0" if year else "#,##0" if float(cell.value).is_integer() else "#,##0.0########"
    for place, name in enumerate(frame.columns, start=1):
        longest = max([len(str(name)), *(len(str(cell)) for cell in frame.iloc[:, place - 1].head(200))], default=8)
        sheet.column_dimensions[get_column_letter(place)].width = min(60, max(8, longest + 2))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    if cover:
        sheet.page_setup.orientation, sheet.print_title_rows = "landscape", "1:1"
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        first = book.create_sheet(cover[0], 0)
        book.active = 0
        for label, text in cover[1]:
            first.append([label, text])
        for label, text in first.iter_rows():
            label.data_type = text.data_type = "s"
            label.font, text.alignment = bold, wrapped
        first.column_dimensions["A"].width, first.column_dimensions["B"].width = 18, 100
    save(book, path)


@contextmanager
def _told_as_of(path: Path) -> Iterator[None]:
    """Tell what lxml tells of the system's temporary folder, where openpyxl writes a sheet first (``IO_ENOSPC``), as any other error of a file."""
    failed = 0
    try:
        yield
    except Exception as error:
        failed = getattr(errno, str(error).removeprefix("IO_"), 0)
        if not failed:
            raise
    if failed:
        raise OSError(failed, os.strerror(failed), str(path))


def save(book, path: Path) -> None:
    """Write a workbook so that the same content gives the same bytes, whole or not at all.

    Parameters
    ----------
    path : Path
        The file; one that is there is replaced in one step.
    """
    import io
    import zipfile
    from datetime import datetime

    from openpyxl.writer.excel import ExcelWriter

    day = datetime(2000, 1, 1)
    made = io.BytesIO()
    book.properties.created = book.properties.modified = day
    with zipfile.ZipFile(made, "w") as archive, _told_as_of(path):
        ExcelWriter(book, archive).write_data()
    packed = io.BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            out.writestr(zipfile.ZipInfo(name, day.timetuple()[:6]), source.read(name), zipfile.ZIP_DEFLATED)
    whole.write(path, packed.getvalue())
