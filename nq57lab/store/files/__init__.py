"""Workbooks as they are written: XLSX (transitional or strict) and ODS in, the cells that hold something out."""
