"""What a lab is to the methods behind it: an edition known on a day, the language of heads, and the prospect computed once.

An edition in; results of its figures out.
"""

from functools import cached_property

import pandas as pd

from nq57lab.documents.edition import Edition
from nq57lab.door.result import Maker, Result
from nq57lab.outlook.prospect import Prospect, open_prospect


class Session:
    """What is known on a day, as the door's modules take it.

    Parameters
    ----------
    edition : Edition
        The edition whose figures are looked at; a report's own notebook gives its own, and its pieces are then the report's.
    lang : str
        Language of the heads of tables.
    """

    def __init__(self, edition: Edition, lang: str = "vi"):
        self.edition, self.lang = edition, lang

    @cached_property
    def prospect(self) -> Prospect:
        """What can be said of the 2030 targets (:mod:`nq57lab.outlook.prospect`), computed once."""
        return open_prospect(self.edition)

    def result(self, frame: pd.DataFrame, title: str, finding: Maker, **more) -> Result:
        """Return a result of this edition and language."""
        return Result(frame, title, self.edition, finding, lang=self.lang, **more)
