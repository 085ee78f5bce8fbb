"""Briefing reports: parameters, execution of notebooks, documents and their rendering."""

from nq57lab.imports import load_jsonschema

load_jsonschema()  # before nbformat, Papermill and Altair do
