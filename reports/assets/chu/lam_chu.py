"""Make the fonts that a report's page carries: the letters of Vietnamese, of two families, as WOFF2.

Needs ``fonttools`` and ``brotli``, which the project itself does not. Source Serif 4 is a reserved name: its subset is called Chu Bao Cao.
"""

from importlib.util import find_spec
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

HERE = Path(__file__).parent
LETTERS = (
    "20-7E,A0-FF,102-103,110-111,128-129,168-169,1A0-1A1,1AF-1B0,300-303,309,323,1EA0-1EF9,2007,2010-2015,2018-201E,2020-2022,2026,202F,"
    "2030,2039-203A,2044,20AB,2190-2193,2212,2248,2260,2264-2265,25A0-25FF"
)
FEATURES = ["kern", "liga", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum", "sups"]
SERIF = {"Regular": ("SourceSerif4", 400), "Bold": ("SourceSerif4", 700), "Italic": ("SourceSerif4-Italic", 400)}
NAMES = {
    1: "Chu Bao Cao",
    16: "Chu Bao Cao",
    3: "Chu Bao Cao {}",
    4: "Chu Bao Cao {}",
    6: "ChuBaoCao-{}",
    2: "{}",
    17: "{}",
}


def files(package: str) -> Path:
    """Return the folder of a font package's files."""
    return Path(find_spec(package).origin).parent / "files"


def save(font: TTFont, name: str) -> None:
    """Write a font's Vietnamese letters as WOFF2 beside this file."""
    options = subset.Options(flavor="woff2", hinting=False, layout_features=FEATURES, notdef_outline=True)
    options.name_IDs = ["*"]
    letters = subset.Subsetter(options)
    letters.populate(unicodes=subset.parse_unicodes(LETTERS))
    letters.subset(font)
    subset.save_font(font, str(HERE / f"{name}.woff2"), options)


def serif(style: str) -> TTFont:
    """Return one style of the serif, at the size of a text, under its own name."""
    file, weight = SERIF[style]
    whole = TTFont(files("fontpkg_source_serif_4") / f"{file}[opsz,wght].ttf")
    font = instancer.instantiateVariableFont(whole, {"opsz": 14, "wght": weight})
    for record in list(font["name"].names):
        if record.nameID in NAMES:
            record.string = NAMES[record.nameID].format(style)
    return font


if __name__ == "__main__":
    for style in SERIF:
        save(serif(style), f"ChuBaoCao-{style}")
    for style in ("Regular", "SemiBold"):
        save(TTFont(files("fontpkg_be_vietnam_pro") / f"BeVietnamPro-{style}.ttf"), f"BeVietnamPro-{style}")
