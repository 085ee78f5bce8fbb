"""Which observations a formula's references mean: the one resolver, whatever arithmetic the formula is evaluated in.

A lookup of as-of observations and the area and period of the row evaluated in; rows out, each turned into its number by the
arithmetic's own function: a float, an interval, a number as printed.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import pandas as pd

from nq57lab.base import formulas, periods
from nq57lab.facts import vintages
from nq57lab.facts.observations import Lookup

Number = TypeVar("Number")


class References(Generic[Number]):
    """Resolves references to numbers for one area and period, and remembers the rows used.

    Parameters
    ----------
    lookup : Lookup
        The as-of observations.
    area, period : str
        Those of the row evaluated; a reference that names its own goes before. Without any period, the newest.
    number : callable
        Turns a row into its number.

    Attributes
    ----------
    rows : list of Series
        The rows used, in the order of the evaluation.
    stated : list of bool
        For each row, whether its period was named (by the reference, the row evaluated or a growth) rather than the newest.

    Notes
    -----
    A reference without a row raises :class:`LookupError`: a missing value is never zero. The earlier period of a growth is the
    same period a year before the one that its reference means, and of the same measure: a flow is not set against what had added up
    until then.
    """

    def __init__(self, lookup: Lookup, area: str, period: str, number: Callable[[pd.Series], Number]):
        self.lookup, self.area, self.period, self.number = lookup, area, period, number
        self.rows: list[pd.Series] = []
        self.stated: list[bool] = []

    def _use(self, row: pd.Series, stated: bool) -> Number:
        self.rows.append(row)
        self.stated.append(stated)
        return self.number(row)

    def _named(self, reference: formulas.Reference) -> bool:
        return bool(self.period) or "period" in dict(reference.where)

    def _row(self, reference: formulas.Reference) -> pd.Series:
        row = self.lookup.row(reference, self.area, self.period)
        if row is None:
            raise LookupError(reference.name)
        return row

    def one(self, reference: formulas.Reference) -> Number:
        """Return the number of a reference's newest row of its period."""
        return self._use(self._row(reference), self._named(reference))

    def many(self, reference: formulas.Reference, dim: str) -> list[Number]:
        """Return the numbers of every value of one breakdown, or of every ``item``, in one period."""
        rows = self.lookup.breakdown(reference, dim, self.area, self.period)
        if rows.empty:
            raise LookupError(reference.name)
        return [self._use(row, self._named(reference)) for _, row in rows.iterrows()]

    def year_earlier(self, reference: formulas.Reference) -> Number:
        """Return the number of a reference one year before the period it means; a break between the two is a missing number."""
        now = self._row(reference)
        where = dict(reference.where) | {"period": periods.year_earlier(now["period"]), "measure": now["measure"]}
        before = self._row(formulas.Reference(reference.name, tuple(where.items())))
        if said := vintages.apart(before, now):
            raise LookupError(said)
        return self._use(before, True)
