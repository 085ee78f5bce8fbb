"""What a progress method is: its names, what its statuses say and how they compare with other methods', and its measure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

# What the statuses of all methods have in common: will the target be met at the present pace, is it nearing, or not?
CLASSES = {
    "on": "kịp mốc",
    "slow": "tiến nhưng không kịp",
    "back": "đứng yên hoặc lùi",
    "missed": "đã qua mốc, không đạt",
}


@dataclass(frozen=True)
class Status:
    """One status: its words, its class (a key of :data:`CLASSES`, "off" for an unlikely success, "" where nothing is said), its symbol."""

    words: str
    klass: str
    symbol: str


@dataclass(frozen=True)
class Method:
    """One method.

    Parameters
    ----------
    key : str
        The beginning of its columns, and its name on the command line and in parameters.
    name, short : str
        What readers call it, in full and in a table's head.
    statuses : mapping
        Status → its words, class and symbol; "not_available" among them.
    columns : tuple of str
        Its columns besides the reason, in order, without the key; "status" among them for a published method.
    printed : tuple
        The column that reports print, its decimals, and how it is obtained, in words.
    measure : callable, optional
        Cases and their history in, a table of ``columns`` and ``reason`` out, one row a case; None where it comes from the forecasts.
    more : tuple of str
        Further columns that stand at the end of the table.
    """

    key: str
    name: str
    short: str
    statuses: Mapping[str, Status]
    columns: tuple[str, ...]
    printed: tuple[str, int, str]
    measure: Callable[[pd.DataFrame, pd.DataFrame | None], pd.DataFrame] | None = None
    more: tuple[str, ...] = field(default=())

    @property
    def words(self) -> dict[str, str]:
        """Return each status in words."""
        return {status: entry.words for status, entry in self.statuses.items()}

    @property
    def classes(self) -> dict[str, str]:
        """Return each status's class, where it says anything."""
        return {status: entry.klass for status, entry in self.statuses.items() if entry.klass}
