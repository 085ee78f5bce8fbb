"""From parameters and a notebook to documents: running, rendering, batches, checks of what was published."""

from nq57lab.base.imports import load_jsonschema

load_jsonschema()  # before nbformat, Papermill and Altair do
