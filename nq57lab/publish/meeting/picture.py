"""A chart's Vega-Lite specification drawn for a slide: PNG bytes with the drawing's size and its smallest letters."""

import re
from dataclasses import dataclass
from typing import Any

from nq57lab.charts import theme

SCALE = 4  # the PNG's pixels for one of the drawing


@dataclass(frozen=True)
class Image:
    """A drawn chart: the picture, and its width, height and smallest type in the drawing's pixels."""

    png: bytes
    width: float
    height: float
    smallest: float


def draw(spec: dict[str, Any]) -> Image:
    """Draw a specification."""
    import vl_convert

    theme.register_fonts()
    drawn = vl_convert.vegalite_to_svg(spec)
    wide, high = (float(re.search(rf'<svg[^>]*\b{name}="([\d.]+)"', drawn)[1]) for name in ("width", "height"))
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)(?:px)?"', drawn)]
    return Image(vl_convert.svg_to_png(drawn, scale=SCALE), wide, high, min(sizes, default=0.0))
