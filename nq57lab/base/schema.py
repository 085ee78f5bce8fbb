"""What a table of the data contract is made of: columns, and a table with its place and key."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: ``kind`` is text, number or integer; ``values`` closes the list; ``pattern`` gives the shape."""

    name: str
    kind: str = "text"
    required: bool = False
    values: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class Table:
    """One table of the contract: where it lives, its columns and its key."""

    name: str
    path: str
    title_vi: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The column names, in the contract's order."""
        return [column.name for column in self.columns]


def columns(spec: str, **special: Column) -> tuple[Column, ...]:
    """Return columns from a short list of names; a trailing ``!`` means required, ``#`` a number."""
    result = []
    for word in spec.split():
        name = word.rstrip("!#")
        kind = "number" if "#" in word else "text"
        result.append(special.get(name) or Column(name, kind=kind, required="!" in word))
    return tuple(result)
