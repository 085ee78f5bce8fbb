"""The review on one page: its brief and its scorecard, with head, day, source and the meaning of the marks.

An edition, its brief and the scorecard that the report shows in; one piece of Markdown out. Nothing is computed here.
"""

from nq57lab.base import wording
from nq57lab.documents.edition import MARK_MEANINGS, Edition, Piece
from nq57lab.reports import brief


def leaflet(edition: Edition, told: brief.Brief, scorecard: Piece) -> Piece:
    """Return the leaflet, for a cell tagged ``to-roi``.

    Parameters
    ----------
    edition : Edition
    told : Brief
    scorecard : Piece
        The scorecard as the report shows it.
    """
    _, _, subject = edition.title.partition("|")
    body = edition.parameters.get("co_quan", "").replace("|", " ")
    state = "" if edition.final else "**Dự thảo.** "
    head = f"{body}. {state}Số liệu công bố đến ngày {wording.day(edition.known)}."
    marks = "; ".join(f"dấu [{mark}]{{.dau}}: {MARK_MEANINGS[mark]}" for mark in ("t", "ư"))
    foot = f"{wording.capital(marks)}; không dấu: thống kê chính thức hoặc đã xác thực. Nguồn của từng số có ở bản trên trang web của báo cáo."
    parts = [
        f"::: {{.tieu-de}}\nTÓM TẮT\n\n{subject.partition(', ngày ')[0]}\n:::",
        f"::: {{.ghi-chu}}\n{head}\n:::",
        brief.first_page(edition, told).markdown,
        scorecard.markdown,
        f"::: {{.ghi-chu}}\n{foot}\n:::",
    ]
    return edition.piece("\n\n".join(parts))
