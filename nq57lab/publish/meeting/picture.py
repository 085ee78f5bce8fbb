"""A chart's Vega-Lite specification drawn for a slide: its size and its smallest letters, and the picture as PNG."""

import re
from dataclasses import dataclass
from typing import Any

from nq57lab.charts import theme

SCALE = 4  # the PNG's pixels for one of the drawing


@dataclass(frozen=True)
class Image:
    """A drawn chart: SVG, and its width, height and smallest type in the drawing's pixels."""

    svg: str
    width: float
    height: float
    smallest: float

    def png(self) -> bytes:
        """Return the picture, :data:`SCALE` times the drawing."""
        return theme.painted(self.svg, SCALE)


def draw(spec: dict[str, Any]) -> Image:
    """Draw a specification."""
    import vl_convert

    theme.register_fonts()
    drawn = vl_convert.vegalite_to_svg(spec)
    head = re.search(r"<svg[^>]*>", drawn)
    assert head is not None
    wide, high = (float(size) for size in re.findall(r'\b(?:width|height)="([\d.]+)"', head[0])[:2])
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)(?:px)?"', drawn)]
    return Image(drawn, wide, high, min(sizes, default=0.0))
