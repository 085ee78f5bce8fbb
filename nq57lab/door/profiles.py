"""One province or one agency at the door: its figures beside the others', its tasks, and the pieces of its profile.

A lab and an area in; a result out, written by the pages of the profiles in ``reports``.
"""

from functools import partial

from nq57lab.base.problems import CallError, Problem
from nq57lab.documents.edition import Edition, MissingFigure, Piece
from nq57lab.door.result import Result, Session
from nq57lab.reports import agency_pages, province_charts, province_pages


def profile(lab: Session, area: str) -> Result:
    """Return what is known of a province or an agency.

    Parameters
    ----------
    lab : Session
    area : str
        ``34:…``, a province, or ``agency:…``.

    Returns
    -------
    Result
        Of a province its newest figures: subject, period, value in unit, status, rank among the provinces that have one (1 is best), of (how many),
        median, change since before_period. Tables: position, strengths, beside, single, former, quality. Chart: places.
        Of an agency its own figures. Tables: tasks, led, own, quality.

    Raises
    ------
    CallError
        If the area is neither.
    """
    if area.startswith("34:"):
        return _province(lab, area)
    if area.startswith("agency:"):
        return _agency(lab, area)
    raise CallError([Problem("values", "profile", found=area, details={"allowed": "34:…, agency:…"})])


class Profile(Result):
    """A province's profile; in a document, a chart that has nothing to show is left out."""

    about: province_pages.Profile

    def chart(self, kind: str | None = None, label: str = "") -> Piece:
        """Return a chart (:meth:`nq57lab.door.result.Result.chart`); in a document nothing where no figure has a place among the others'."""
        drawn = province_pages.has_places(self.about)
        return super().chart(kind, label) if drawn or not self._page.work else Piece("")


def _province(lab: Session, area: str) -> Result:
    found = province_pages.Profile(lab.edition, area)

    def places(edition: Edition):
        if not province_pages.has_places(found):
            raise MissingFigure(area)
        return province_charts.places(found)

    result = Profile(
        found.own.reset_index(drop=True),
        f"Hồ sơ {found.name}",
        lab.edition,
        lambda: province_pages.summary(found),
        tables={
            name: partial(make, found)
            for name, make in {
                "position": province_pages.position,
                "strengths": province_pages.strengths,
                "beside": province_pages.beside,
                "single": province_pages.single,
                "former": province_pages.former,
                "quality": province_pages.quality,
            }.items()
        },
        charts={"places": places},
        name="ho-so",
        lang=lab.lang,
    )
    result.about = found
    return result


def _agency(lab: Session, area: str) -> Result:
    found = agency_pages.AgencyProfile(lab.edition, area)
    return lab.result(
        found.own.reset_index(drop=True),
        f"Hồ sơ {found.name}",
        lambda: agency_pages.summary(found),
        tables={
            name: lambda make=make: make(found)
            for name, make in {
                "tasks": agency_pages.tasks,
                "led": agency_pages.led,
                "own": agency_pages.own,
                "quality": agency_pages.quality,
            }.items()
        },
        name="ho-so",
    )
