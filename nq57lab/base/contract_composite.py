"""The data contract's table of the rankings: what each league ranks its units by."""

from nq57lab.base.schema import Column, Table

# discipline: kỷ luật, tiến độ; evidence: chất lượng dữ liệu, minh chứng; results: kết quả thực chất; improvement: cải thiện so với kỳ trước.
CRITERIA = ("discipline", "evidence", "results", "improvement")
LEAGUES = ("ministries", "provinces")
# Without an indicator a row is measured over the league's own indicators: how many have figures with evidence, how far they moved.
RANKINGS = Table(
    "rankings",
    "catalogue/rankings.csv",
    "Xếp hạng: tiêu chí, chỉ số lõi, trọng số",
    (
        Column("league", required=True, values=LEAGUES),
        Column("criterion", required=True, values=CRITERIA),
        Column("indicator"),
        Column("weight", kind="number", required=True),
        Column("valid_from", required=True, pattern=r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"),
        Column("decision", required=True),
        Column("assumed", required=True, values=("yes", "no")),
        Column("source", required=True),
    ),
    ("league", "criterion", "indicator", "valid_from"),
)
TABLES = (RANKINGS,)
