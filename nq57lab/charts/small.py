"""Drawings that fit in a table's cell: a line without axes, a bar towards a target. Values in, SVG out.

They carry no letters: the numbers stand in the cells beside them.
"""

from collections.abc import Sequence

from nq57lab.charts import theme

WIDTH, HEIGHT = 100.0, 24.0
_EDGE = 4.0


def line(values: Sequence[float], *, first_on_top: bool = False) -> str:
    """Return a line through the values, oldest first, its last point marked; "" for fewer than two.

    Parameters
    ----------
    values : sequence of float
        Equally spaced.
    first_on_top : bool
        Whether small is up, as for ranks.

    >>> line([1.0]), line([3.0, 1.0], first_on_top=True) == line([-3.0, -1.0])
    ('', True)
    """
    if len(values) < 2:
        return ""
    sign = -1 if first_on_top else 1
    found = [sign * float(value) for value in values]
    low, span = min(found), (max(found) - min(found)) or 1.0
    flat = max(found) == min(found)
    step = (WIDTH - 2 * _EDGE) / (len(found) - 1)
    places = [
        (_EDGE + step * place, HEIGHT / 2 if flat else HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * (value - low) / span)
        for place, value in enumerate(found)
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    return _svg(
        f'<polyline points="{points}" fill="none" stroke="{theme.MUTED}" stroke-width="1.8" stroke-linejoin="round"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="{theme.MAIN}"/>'
    )


def towards(value: float, target: float) -> str:
    """Return a bar from zero to the value on a track, with the target as a diamond; "" where either is no positive number.

    >>> towards(float("nan"), 30.0)
    ''
    """
    if not (value > 0 and target > 0):
        return ""
    whole = (WIDTH - 2 * _EDGE) / max(value, target)
    end, goal, middle = value * whole, _EDGE + target * whole, HEIGHT / 2
    return _svg(
        f'<rect x="{_EDGE}" y="{middle - 4}" width="{WIDTH - 2 * _EDGE}" height="8" fill="{theme.PALE}"/>'
        f'<rect x="{_EDGE}" y="{middle - 4}" width="{end:.1f}" height="8" fill="{theme.MAIN}"/>'
        f'<path d="M{goal:.1f},{middle - 7} l4.5,7 l-4.5,7 l-4.5,-7 z" fill="{theme.INK}"/>'
    )


def _svg(inner: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" height="{HEIGHT:g}">{inner}</svg>'
