"""Small pictures inside a text: an SVG drawing in, the Markdown that shows it out; its files stand beside the report's figures."""

import html

from nq57lab.charts import theme
from nq57lab.documents.edition import Edition

SCALE = 4  # the PNG's pixels for one of the drawing


def inline(edition: Edition, drawing: str, name: str, alt: str, width: str) -> str:
    """Return the Markdown of a small picture; "" without a drawing, and in JupyterLab, where tables show their cells alone.

    Parameters
    ----------
    drawing : str
        SVG without letters; "" for none.
    name : str
        Of its files.
    alt : str
        What the picture says.
    width : str
        Its width in print: "20mm".
    """
    if not drawing or edition.pictures is None:
        return ""
    folder = edition.pictures / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.svg").write_text(drawing, encoding="utf-8")
    (folder / f"{name}.png").write_bytes(theme.painted(drawing, SCALE))
    return f'![](figures/{name}.svg){{fig-alt="{html.escape(alt)}" width="{width}"}}'
