"""What the summaries of the two pages on data add to their main finding: an edition in, findings out, one sentence or two each."""

from nq57lab.base import wording
from nq57lab.documents.edition import Edition, Piece
from nq57lab.quality import checking, criteria, pages

MOST = 3  # named in a sentence


def owed(edition: Edition, found: pages.Assessment) -> Piece:
    """Return how many figures due have not come, and which bodies owe most of them."""
    edition.figures.place = "tóm tắt: số liệu còn thiếu"
    table = criteria.completeness(found.done[found.done["lead"] != ""], ["lead"])
    table = table.assign(absent=table["expected"] - table["observed"]).sort_values("absent", ascending=False)
    absent = int((~found.done["observed"].astype(bool)).sum())
    if table.empty or not absent:
        return Piece("")
    rows = ("data/observations", "indicators.csv")
    whole = edition.computed(absent, "số liệu chưa có trong các kỳ đến hạn", rows)
    named = [
        f"{edition.catalogue.names.get(lead, lead)} ({edition.computed(number, f'số liệu chưa có: {lead}', rows)})"
        for lead, number in zip(table["lead"][:MOST], table["absent"][:MOST], strict=True)
    ]
    return Piece(f"**Còn thiếu {whole} số liệu đến hạn;** nhiều nhất: {wording.join(named)}.")


def stale(edition: Edition, found: pages.Assessment) -> Piece:
    """Return how many indicators have a figure no older than a period, and which one is the oldest."""
    edition.figures.place = "tóm tắt: tuổi của số liệu"
    ages = found.ages[found.ages["age"].notna()].sort_values("age", ascending=False, kind="stable")
    if ages.empty:
        return Piece("")
    rows = ("data/observations", "indicators.csv")
    alive = int((ages["state"] == criteria.STATES[0]).sum())
    fresh = edition.computed(alive, "số liệu không quá một kỳ", rows)
    whole = edition.computed(len(ages), "chỉ số có số liệu", rows)
    oldest = ages.iloc[0]
    return Piece(
        f"**{fresh}/{whole} chỉ số có số liệu còn mới** (không quá một kỳ của chính chỉ số); cũ nhất là "
        f"{edition.catalogue.short[oldest['subject']]}, số liệu mới nhất của {wording.period(oldest['period'])}."
    )


def apart(edition: Edition) -> Piece:
    """Return the printed figures that differ most from what their parts give, and how many cannot be decided."""
    edition.figures.place = "tóm tắt: số không khớp"
    audit = edition.audit
    wrong = audit[audit["consistent"] == "no"]
    if wrong.empty:
        return Piece("")
    share = (wrong["difference"] / wrong["recomputed"]).abs().sort_values(ascending=False, kind="stable")
    told = checking.readable(edition, wrong.loc[share.index[:MOST]].assign(reason="", note=""))
    named = [
        f"{row['Số liệu']} (dự thảo ghi {row['Dự thảo ghi']}, tính lại {row['Tính lại']})" for _, row in told.iterrows()
    ]
    number = edition.count(len(wrong), f"số quan hệ {checking.VERDICTS['no']}", checking.RELATIONS)
    return Piece(f"**{number} số không khớp với các số thành phần;** lệch nhiều nhất: {'; '.join(named)}.")


def undecided(edition: Edition) -> Piece:
    """Return how many relations cannot be decided, and why."""
    edition.figures.place = "tóm tắt: số chưa rõ"
    number = int((edition.audit["consistent"] == "ambiguous").sum())
    if not number:
        return Piece("")
    shown = edition.count(number, f"số quan hệ {checking.VERDICTS['ambiguous']}", checking.RELATIONS)
    return Piece(
        f"**{shown} số chưa kết luận được,** vì số in hoặc số thành phần là cận, số gần đúng, hoặc có thể khác phạm vi; "
        "cần cơ quan soạn thảo trả lời."
    )


def contradictions(edition: Edition) -> Piece:
    """Return where the draft contradicts itself without arithmetic, by kind."""
    edition.figures.place = "tóm tắt: chỗ tự mâu thuẫn"
    kinds = checking.stated(edition)["kind"].value_counts(sort=True)
    if kinds.empty:
        return Piece("")
    rows = ("conflicts.csv",)
    whole = edition.count(int(kinds.sum()), "số chỗ dự thảo tự mâu thuẫn, không phải phép tính", rows)
    parts = [
        f"{edition.count(number, f'số chỗ tự mâu thuẫn: {checking.CONFLICTS[kind]}', rows)} về {checking.CONFLICTS[kind].lower()}"
        for kind, number in kinds.items()
    ]
    return Piece(f"**{whole} chỗ dự thảo tự mâu thuẫn ngoài phép tính:** {wording.join(parts)}.")
