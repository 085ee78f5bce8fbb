"""Imports made light: what a dependency builds when it is imported, for a part of it that nothing here uses."""

import sys


def load_jsonschema() -> None:
    """Import jsonschema without its checker of international web addresses (the format ``iri``).

    nbformat, Papermill and Altair import jsonschema, which builds an Earley grammar for that format where the package
    ``rfc3987_syntax`` is installed: seconds of every start, and no schema here uses the format. The package itself stays importable.
    """
    name = "rfc3987_syntax"
    if name in sys.modules or "jsonschema" in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment]  # as if it were not installed
    try:
        import jsonschema  # noqa: F401
    finally:
        del sys.modules[name]
