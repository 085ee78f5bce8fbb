"""What a document is made of: an edition, its pieces, the writer of numbers, templates, annexes, what JupyterLab shows."""

from nq57lab.base.imports import load_jsonschema

load_jsonschema()  # before nbformat, Papermill and Altair do
