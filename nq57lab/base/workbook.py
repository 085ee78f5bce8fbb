"""Tables as Excel workbooks: one sheet, a bold frozen header, filters, readable widths; text that looks like a formula stays text."""

from pathlib import Path

import pandas as pd


def write(frame: pd.DataFrame, path: Path, title: str) -> None:
    """Write a table to an .xlsx file.

    Parameters
    ----------
    frame : DataFrame
        The table; numbers stay numbers.
    path : Path
        The file.
    title : str
        The sheet's name (cut at Excel's 31 characters).
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = title[:31].translate(str.maketrans("", "", "[]:*?/\\"))
    sheet.append([str(name) for name in frame.columns])
    for row in frame.itertuples(index=False):
        sheet.append([None if isinstance(cell, float) and cell != cell else cell for cell in row])
    for cell in sheet[1]:
        cell.data_type = "s"
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    for place, name in enumerate(frame.columns, start=1):
        longest = max([len(str(name)), *(len(str(cell)) for cell in frame.iloc[:, place - 1].head(200))], default=8)
        sheet.column_dimensions[get_column_letter(place)].width = min(60, max(8, longest + 2))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    book.save(path)
