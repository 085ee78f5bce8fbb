"""Progress towards targets: each published method in a file of its own, a table of cases in, a table of measures out.

:mod:`~nq57lab.targets.evaluate` sets the methods side by side; :mod:`~nq57lab.targets.catalogue` makes the cases of the
catalogue's targets as known on a date.
"""
