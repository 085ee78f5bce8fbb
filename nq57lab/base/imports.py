"""Imports made light: what a dependency builds when it is imported, for a part of it that nothing here uses."""

import sys


class _WithoutWebAddresses:
    """Keeps the package ``rfc3987_syntax`` from jsonschema while that is imported, and from nothing else.

    nbformat, Papermill and Altair import jsonschema, which builds an Earley grammar of international web addresses (the format ``iri``)
    where that package is installed: seconds of every start, and no schema here uses the format.
    """

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Find nothing; refuse the package while jsonschema's formats are being set up."""
        asking = sys.modules.get("jsonschema._format")
        if name == "rfc3987_syntax" and getattr(getattr(asking, "__spec__", None), "_initializing", False):
            raise ModuleNotFoundError(name)


def lighten() -> None:
    """Put this in place, once a process."""
    if not any(finder is _WithoutWebAddresses for finder in sys.meta_path):
        sys.meta_path.insert(0, _WithoutWebAddresses)  # type: ignore[arg-type]
