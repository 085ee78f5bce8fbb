"""nq57lab: a research environment for monitoring Viet Nam's Resolution 57-NQ/TW.

Importing the package loads nothing heavy; pandas and the rest come with the module that needs them.
"""

__version__ = "0.1.0"

from nq57lab.base.imports import lighten

lighten()
