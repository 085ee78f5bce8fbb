"""Units that are said where they are not asked for: in a number's text, a column's head, a title, a cell's format.

A text and the unit of its row in; the number in the row's unit out, or the reason why it cannot be. "1,5 tỷ" in a row of tỷ đồng is 1,5;
in a row of người it is 1.500.000.000.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import pandas as pd

from nq57lab.base import wording
from nq57lab.store import typed

_SCALE_WORDS = {
    **{"nghìn": 3, "ngàn": 3, "thousand": 3, "k": 3, "trăm": 2, "triệu": 6, "tr": 6, "million": 6, "mn": 6},
    **{"tỷ": 9, "tỉ": 9, "billion": 9, "bn": 9},
    **{"nghin": 3, "ngan": 3, "tram": 2, "trieu": 6, "ty": 9, "ti": 9},
}
_SAME = {
    **{"đ": "đồng", "vnđ": "đồng", "vnd": "đồng", "₫": "đồng", "dong": "đồng", "đồng việt nam": "đồng"},
    **{
        "$": "usd",
        "us$": "usd",
        "đô la": "usd",
        "đô la mỹ": "usd",
        "đô-la mỹ": "usd",
        "đô": "usd",
        "phần trăm": "%",
        "phan tram": "%",
    },
    **{"percent": "%", "per cent": "%", "pct": "%", "điểm %": "điểm phần trăm", "percentage points": "điểm phần trăm"},
}
UNSCALED = ("share", "points", "rank", "index")
FOREIGN = frozenset(
    ["€", "eur", "£", "gbp", "¥", "jpy", "cny", "rmb", "krw", "thb", "sgd", "‰", "k", "m", "b", "t", "mn", "bn"]
)  # beside a number never the row's own unit
_ROUND = re.compile(r"^x?\s*1(?P<zeros>(?:[.,]?000){1,3})(?![0-9])\s*")
_POWERS = {3: "nghìn ", 6: "triệu ", 9: "tỷ ", 12: "nghìn tỷ "}
_LOWERED = str.maketrans("³⁶⁹", "369")
_CURRENCIES = frozenset(["vnd", "vnđ", "usd", "us$", "đồng"])
_MEASURED = re.compile(
    r"(?P<number>(?:[-−–+]|giảm )?\s*[0-9](?:[0-9.,\s]*[0-9])?(?:[eE][-+]?[0-9]+)?)\s*(?P<rest>[^\W\d_].*|[%₫$].*)",
    re.DOTALL,
)


def parts(text: str) -> tuple[int, str]:
    """Return the power of ten and the rest of a unit's words.

    >>> parts("nghìn tỷ đồng"), parts("USD million"), parts("người"), parts("trđ"), parts("1.000 tỷ đồng")
    ((12, 'đồng'), (6, 'usd'), (0, 'người'), (6, 'đồng'), (12, 'đồng'))
    """
    said = re.sub(r"\btr(?:\.|(?=đ|vn))", "tr ", typed.text(text).casefold())
    said = re.sub(r"^10\^?(3|6|9|12)\s*", lambda match: _POWERS[int(match[1])], said.translate(_LOWERED))
    words = _ROUND.sub(lambda match: _POWERS[match["zeros"].count("0")], said).strip(" .").split()
    if len(words) > 1 and words[0] in _CURRENCIES and set(words[1:]) <= set(_SCALE_WORDS):  # VND million
        words = [*words[1:], words[0]]
    scale, start = 0, 0
    for word in words:
        if word not in _SCALE_WORDS or (word == "k" and len(words) > 1):
            break
        scale, start = scale + _SCALE_WORDS[word], start + 1
    rest = " ".join(words[start:])
    return scale, _SAME.get(rest, rest)


def _key(text: str) -> str:
    scale, rest = parts(text)
    return f"{scale} {rest.replace(' trên ', '/').replace('-', ' ')}"


@dataclass(frozen=True)
class Units:
    """The catalogue's units, found by any of the ways in which officials write them."""

    table: pd.DataFrame

    @cached_property
    def family(self) -> dict[str, str]:
        """Return the family of each unit."""
        return dict(zip(self.table["unit"], self.table["family"], strict=True))

    @cached_property
    def factor(self) -> dict[str, Decimal]:
        """Return the factor of each unit."""
        return {unit: Decimal(repr(float(f))) for unit, f in zip(self.table["unit"], self.table["factor"], strict=True)}

    @cached_property
    def _by_key(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for unit, name in zip(self.table["unit"], self.table["name_vi"], strict=True):
            for text in (unit, name):
                for key in (_key(text), wording.plain(_key(text))):
                    found.setdefault(key, unit)
        return found

    def named(self, text: str) -> str:
        """Return the unit that a text names ("Tỉ đồng", "TRIỆU VND", "phần trăm"), or "" where it names none."""
        text = typed.text(text)
        if text in self.family:
            return text
        text = re.sub(r"^(?:đơn vị(?: tính)?|đvt|unit)\s*:?\s*", "", text, flags=re.IGNORECASE).strip(" ():.")
        key = _key(text)
        return (self._by_key.get(key) or self._by_key.get(wording.plain(key)) or "") if text else ""

    @cached_property
    def _bare(self) -> frozenset[str]:
        """Return what the catalogue's units are without their scale ("đồng" of "tỷ đồng"), and a scale alone."""
        return frozenset({parts(unit)[1] for unit in self.table["unit"]} | {""})

    def said(self, text: str) -> str:
        """Return the unit that a text names, or the text where it is a scale alone or a scale of a unit ("nghìn", "x1000", "nghìn đồng"), else ""."""
        scale, rest = parts(
            re.sub(r"^(?:đơn vị(?: tính)?|đvt|unit)\s*:?\s*", "", typed.text(text), flags=re.IGNORECASE)
        )
        return self.named(text) or (typed.text(text) if scale and rest in self._bare else "")

    @cached_property
    def _scaled(self) -> re.Pattern:
        """Return what finds a scale and its unit within a text: "tính bằng triệu đồng", not the amount "500 tỷ đồng" nor "triệu đồng/người"."""
        scales = "|".join(word for word in _SCALE_WORDS if (len(word) > 2 and not word.isascii()) or len(word) > 6)
        bare = "|".join(re.escape(text) for text in sorted({*self._bare, "vnđ", "vnd"} - {""}, key=len, reverse=True))
        return re.compile(rf"(?<![\w.,])(?<![0-9] )(?:(?:{scales}|tỷ|tỉ)\s+)+(?:{bare})(?![\w/])", re.IGNORECASE)

    def within(self, text: str) -> str:
        """Return the scaled unit that stands within a text, "" where none does."""
        match = self._scaled.search(typed.text(text))
        return self.said(match[0]) if match else ""

    def touches(self, said: str, unit: str) -> bool:
        """Tell whether a unit that is said beside a table is of the kind of a row's own, whatever the currency; a scale alone is of any that has scales."""
        scale, rest = parts(said)
        own, family = self.family.get(said) or self.family.get(rest, ""), self.family.get(unit, "")
        if scale and not rest:
            return family not in UNSCALED
        return own.partition("_")[0] == family.partition("_")[0]

    def conflict(self, said: str, unit: str) -> bool:
        """Tell whether a unit or a scale that is said beside a figure is another than its own."""
        own, (scale, rest) = self.named(said), parts(said)
        if own:
            return own != unit
        if said.strip(" .").casefold() in FOREIGN:
            return True
        if scale and rest and rest in self._bare:
            return (scale, rest) != parts(unit)
        return bool(scale and not rest) and (scale != parts(unit)[0] or self.family.get(unit) in UNSCALED)

    def measured(self, cell: str, unit: str) -> "Measured | None":
        """Read a number whose text says its scale or unit; None where it says none.

        Raises
        ------
        ValueError
            If what it says does not go with the unit of its row.
        """
        match = _MEASURED.fullmatch(typed.text(cell))
        if not match or match["rest"].strip() == "%":
            return None
        rest = match["rest"].strip()
        (scale, own), (unit_scale, unit_own) = parts(rest), parts(unit)
        if not own:
            if not scale or self.family.get(unit) in UNSCALED:
                raise ValueError(rest)
            return Measured(match["number"], Decimal(10) ** (scale - unit_scale), rest)
        named = self.named(rest)
        if named and named in self.family and unit in self.family:
            if self.family[named] != self.family[unit] or (self.family[unit] == "count" and named != unit):
                raise ValueError(rest)
            return Measured(match["number"], self.factor[named] / self.factor[unit], rest)
        if own == unit_own and self.family.get(unit) not in UNSCALED:
            return Measured(match["number"], Decimal(10) ** (scale - unit_scale), rest)
        raise ValueError(rest)


@dataclass(frozen=True)
class Measured:
    """A number's text, what it is to be multiplied by to be in its row's unit, and the words that say so."""

    number: str
    factor: Decimal
    said: str

    def value(self, convention: str = "") -> float:
        """Return the number in the unit of its row; a doubtful one reads as Vietnamese, as its words are."""
        try:
            read = typed.number(self.number, convention)
        except typed.DoubtfulNumber as error:
            english = re.search(r"thousand|million|billion|\b[kmb]n?\b", self.said, re.IGNORECASE)
            if english:
                raise
            read = error.readings["vi"]
        return float(Decimal(repr(read)) * self.factor)
