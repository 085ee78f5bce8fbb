"""The writer of a site's pages: texts of pieces as HTML, each number a button that says where it comes from.

A :class:`~nq57lab.site.content.Content` and an edition of its day in, HTML out.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd

from nq57lab.base import wording
from nq57lab.documents import arithmetic
from nq57lab.documents.edition import Edition
from nq57lab.site import formula_words, parts
from nq57lab.site.content import Content

T = TypeVar("T")
_MARKS = re.compile(r"\[(?P<text>[^\[\]]*)\]\{(?P<how>[^{}]*)\}|\*\*|" + wording.WORD_JOINER)
_CODE = re.compile(r"(?P<open> \()?\b(?P<code>[A-Z]\w*\d|[a-z]+_\w+)\b(?P<close>\))?")
# A browser may break a line before and after every button: what stands against a number without a space is kept with it.
_RUN = re.compile(r"(?:<button .*?</button>|<sup .*?</sup>|[^ \n<>])+")
_SO = re.compile(r'so="(s\d+)"')


def _whole(found: re.Match[str]) -> str:
    """Keep a number and what touches it on one line."""
    text = found[0]
    alone = "<button " not in text or (
        text.startswith("<button ") and text.endswith("</button>") and text.count("<button ") == 1
    )
    return text if alone else f'<span class="lien">{text}</span>'


@dataclass(frozen=True, eq=False)
class Writer:
    """The content of a site with the edition whose writer writes its numbers."""

    content: Content
    edition: Edition

    @property
    def internal(self) -> bool:
        """Whether the readers are inside: they see tasks, deliveries, alerts and what has no figure."""
        return self.content.audience == "noi-bo"

    def html(self, text: str) -> str:
        """Return a text of pieces as HTML: a number becomes a button that says where it comes from, bold text stays bold."""
        result, place, bold = [], 0, False
        for found in _MARKS.finditer(text):
            result.append(html.escape(text[place : found.start()]))
            place = found.end()
            if found[0] == "**":
                result.append("</strong>" if bold else "<strong>")
                bold = not bold
            elif found["text"] is not None:
                result.append(self._span(found["text"], found["how"]))
        return _RUN.sub(_whole, "".join([*result, html.escape(text[place:])]))

    def told(self, text: str) -> str:
        """Return a text of the catalogue as HTML, what it calls by code called by name (:meth:`named`)."""
        return html.escape(self.named(text))

    def named(self, text: str) -> str:
        """Return a text of the catalogue with documents and subjects called by their names; the code of a breakdown is left out."""
        c = self.content.catalogue

        def name(found: re.Match[str]) -> str:
            code = found["code"]
            if code in self.titles:
                return found[0].replace(code, self.edition.source_name(code, dated=False))
            if found["open"] and found["close"] and code in set(c.dimensions["dim"]):
                return ""
            return found[0].replace(code, f"“{c.short[code]}”") if "_" in code and code in c.short else found[0]

        return _CODE.sub(name, text)

    def plain(self, text: str) -> str:
        """Return a text of pieces without marks: for titles, alternative texts and the search."""
        return _MARKS.sub(lambda found: found["text"] if found["text"] and ".dau" not in found["how"] else "", text)

    def _span(self, text: str, how: str) -> str:
        shown = html.escape(text)
        if ".dau" in how:
            return f'<sup class="dau">{shown}</sup>'
        identity = _SO.search(how)
        if not identity:
            return shown
        return parts.sourced(shown, self.note(identity[1]))

    def note(self, identity: str) -> str:
        """Return where a written number comes from, in words."""
        entry = self.edition.figures.trace[int(identity[1:]) - 1]
        how = self.once(
            f"how {entry['formula']} {entry['area']} {entry['period']} {entry['recomputed']}", lambda: self._how(entry)
        )
        sources = dict.fromkeys(part for part in str(entry["source"]).split("; ") if part)
        told = (
            f"Cách tính: {how}" if how else "",
            f"kỳ {wording.period(entry['period'])}" if entry["period"] else "",
            wording.STATUS_WORDS.get(entry["status"], ""),
            f"công bố {wording.stamp(entry['vintage'])}" if entry["vintage"] else "",
            f"nguồn: {'; '.join(self.edition.source_name(source) for source in sources)}" if sources else "",
        )
        return wording.capital("; ".join(filter(None, told)) or "danh mục của bộ chỉ số")

    def _how(self, entry: dict) -> str:
        """Return how a number was computed: with its numbers where it has an arithmetic, else in words; "" for a printed one."""
        c, figures, formula = self.content.catalogue, self.edition.figures, str(entry["formula"])
        if not formula or not arithmetic.is_formula(c, formula):
            return formula
        value = float(entry["recomputed"])
        shown = arithmetic.told(c, figures.lookup, formula, entry["area"], entry["asked"] or entry["period"], value)
        return f"{shown} = {entry['printed']}" if shown else formula_words.of(c, formula)

    def value(self, row: pd.Series) -> str:
        """Return a newest value with its unit and mark; where it comes from shows on focus: status, vintage, source, formula in words."""
        mark = wording.STATUS_MARKS.get(row["status"], "")
        how = formula_words.of(self.content.catalogue, row["how"]) if row["how"] else ""
        told = (
            f"cách tính: {how}" if how else "",
            wording.STATUS_WORDS.get(row["status"], ""),
            f"công bố {wording.join(wording.stamp(day) for day in row['vintage'].split('; '))}",
            "nguồn: " + "; ".join(self.titles.get(code, code) for code in row["source"].split("; ")),
        )
        text = html.escape(wording.with_unit(row["shown"], row["unit"]))
        sup = f'<sup class="dau">{mark}</sup>' if mark else ""
        return parts.sourced(f"{text}{sup}", wording.capital("; ".join(filter(None, told))))

    def link(self, code: str, label: str = "", folder: str = "chi-so/") -> str:
        """Return a link to a subject's page, or its name where it has none.

        Parameters
        ----------
        code : str
        label : str
            HTML (default: the short name).
        folder : str
            The way from the page to ``chi-so``: "" inside it.
        """
        text = label or html.escape(self.content.catalogue.short.get(code, code))
        return f'<a href="{folder}{code}.html">{text}</a>' if code in self.pages else text

    @cached_property
    def pages(self) -> dict[str, int]:
        """The codes that have a page: inside every indicator, and every variable with a figure or a target; outside what has a public figure."""
        c = self.content.catalogue
        shown = set(self.content.values["subject"])
        variables = shown | (set(c.targets["indicator"]) if self.internal else set())
        listed = self.content.subjects
        keep = listed["code"].isin(variables) | ((listed["layer"] != "") & self.internal)
        return {code: place for place, code in enumerate(listed.loc[keep, "code"])}

    @cached_property
    def titles(self) -> dict[str, str]:
        """The sources' titles."""
        return dict(zip(self.content.catalogue.sources["id"], self.content.catalogue.sources["title_vi"], strict=True))

    @cached_property
    def _kept(self) -> dict[str, Any]:
        return {}

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what several pages need, made the first time."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]
