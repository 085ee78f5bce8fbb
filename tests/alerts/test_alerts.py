"""Early warning: each rule on made-up and shipped data, and the states between two dates."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from support import observe, stated_in
from typer.testing import CliRunner

from nq57lab.alerts import pages, screen, states
from nq57lab.alerts import rules as of_rules
from nq57lab.base.problems import ProblemError
from nq57lab.cli.main import app
from nq57lab.facts.known import Knowledge

JUNE, JULY, SEPTEMBER = date(2026, 6, 30), date(2026, 7, 31), date(2026, 9, 30)
SHARE = {"subject": "A.02.02", "unit": "%", "family": "share", "measure": "flow"}


@pytest.fixture(scope="module")
def june_known(shipped, entries) -> of_rules.Situation:
    """What is known on 30/6/2026, without the forecasts."""
    return of_rules.situation(Knowledge(shipped, entries, JUNE), probability=False)


@pytest.fixture(scope="module")
def three(shipped, entries, june_known) -> list[pd.DataFrame]:
    """The alerts as of 30/6, 31/7 and 30/9/2026, without the forecasts."""
    known = of_rules.situation
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_rules, "situation", lambda *of: june_known if of[0].known == JUNE else known(*of))
        return states.between(Knowledge(shipped, entries, SEPTEMBER), [JUNE, JULY, SEPTEMBER], probability=False)


def alerts_of(shipped, rows: pd.DataFrame, day: date = JUNE) -> pd.DataFrame:
    return of_rules.standing(
        of_rules.situation(Knowledge(shipped, rows, day), probability=False), of_rules.load_rules(shipped)
    )


def test_every_check_of_the_rules_is_implemented_and_names_its_articles(shipped):
    rules = of_rules.load_rules(shipped)
    assert set(rules["check"]) == set(of_rules.CHECKS)
    assert stated_in(rules, "S003")["source"].str.contains(r"S003, Điều 1[45]").all()
    assert set(rules["severity"]) == set(of_rules.SEVERITIES)
    assert not rules["tell"].str.contains(r"Ông|Bà|đồng chí").any()


def test_the_digital_economy_is_off_its_trajectory_with_the_shortfall_of_the_whole_way(three):
    june = three[0].set_index(["rule", "subject"])
    found = june.loc[("CB.01", "A.02.02")]
    line = 13.17 + (30 - 13.17) / 6
    assert found["value"] == pytest.approx(100 * (line - 14.02) / (30 - 13.17))
    assert (found["severity"], found["since"], found["tell"]) == ("strategic", "2026-01-05", "Lãnh đạo phụ trách")
    pace = june.loc[("CB.02", "A.02.02"), "value"]
    assert pace == pytest.approx(100 * (14.02 - 13.17) / ((30 - 14.02) / 5))


def test_tasks_become_due_overdue_and_cleared_between_the_dates(three, shipped):
    june, july, september = (
        table[table["rule"].isin(["CB.04", "CB.05"])].set_index(["rule", "subject"]) for table in three
    )
    due = shipped.tasks[shipped.tasks["due"] == "2026-07"]["id"]
    third = shipped.tasks[shipped.tasks["due"] == "2026-Q3"]["id"]
    assert len(due) == 6 and len(third) == 3
    assert (june.loc[[("CB.05", task) for task in due], "value"] == 31).all()
    assert ("CB.04", due.iloc[0]) not in june.index
    assert (july.loc[[("CB.05", task) for task in due], "state"] == "standing").all()
    assert (september.loc[[("CB.04", task) for task in due], "state"] == "new").all()
    assert (september.loc[[("CB.04", task) for task in due], "since"] == "2026-08-01").all()
    assert (september.loc[[("CB.05", task) for task in due], "state"] == "cleared").all()
    assert (september.loc[[("CB.05", task) for task in third], "state"] == "new").all()


def test_a_task_that_was_done_gives_no_alert_from_that_day_on(shipped, entries):
    tasks = shipped.tasks.copy()
    tasks.loc[tasks["id"] == "NV.I.1.1", "done_on"] = "2026-08-15"
    done = replace(shipped, tasks=tasks)
    rules = of_rules.load_rules(done)
    overdue = {}
    for day in (date(2026, 8, 14), date(2026, 8, 15)):
        now = of_rules.Situation(Knowledge(done, entries, day), pd.DataFrame())
        overdue[day.day] = set(of_rules.task_overdue(now, rules[rules["check"] == "task_overdue"].iloc[0])["subject"])
    assert overdue[14] - overdue[15] == {"NV.I.1.1"}


def test_tasks_are_not_told_before_the_document_that_gives_them(shipped, entries):
    now = of_rules.Situation(Knowledge(shipped, entries, date(2026, 6, 29)), pd.DataFrame())
    assert of_rules.task_due_soon(now, of_rules.load_rules(shipped).iloc[4]).empty


def test_old_figures_are_told_from_the_day_after_the_threshold(shipped):
    rows = observe(
        SHARE | {"period": "2023", "value": 12, "vintage": "2024-01-05"},
        SHARE | {"period": "2022", "value": 11, "vintage": "2024-01-05"},
    )
    day_548 = date(2025, 7, 1) if (date(2025, 7, 1) - date(2023, 12, 31)).days == 548 else date(2025, 7, 2)
    later = alerts_of(shipped, rows, date.fromordinal(day_548.toordinal() + 1))
    found = later[later["rule"] == "CB.06"].iloc[0]
    assert (found["subject"], found["value"]) == (
        "A.02.02",
        (date.fromisoformat(found["since"]) - date(2023, 12, 31)).days,
    )
    assert "CB.06" not in set(
        alerts_of(shipped, rows, date.fromordinal(date.fromisoformat(found["since"]).toordinal() - 1))["rule"]
    )


def test_a_self_reported_figure_far_from_the_official_one_is_told(shipped):
    near = SHARE | {"period": "2024", "value": 13.3, "status": "self_reported", "vintage": "2025-03-01"}
    official = SHARE | {"period": "2024", "value": 13.0, "status": "official", "vintage": "2025-01-05"}
    assert "CB.11" not in set(alerts_of(shipped, observe(near, official))["rule"])
    found = alerts_of(shipped, observe(near | {"value": 18.3}, official)).set_index("rule").loc["CB.11"]
    assert found["value"] == pytest.approx(100 * 5.3 / 13)
    assert (found["since"], found["severity"]) == ("2025-03-01", "operational")


def test_a_sudden_jump_of_a_recent_year_is_told_and_an_old_one_is_not(shipped):
    calm = [
        SHARE | {"period": str(2008 + n), "value": 10 + n + (n % 3) / 10, "vintage": "2026-01-05"} for n in range(18)
    ]
    assert "CB.10" not in set(alerts_of(shipped, observe(*calm))["rule"])
    jumped = [*calm[:-1], calm[-1] | {"value": 60}]
    found = alerts_of(shipped, observe(*jumped)).set_index("rule").loc["CB.10"]
    assert (found["subject"], found["period"], found["value"]) == ("A.02.02", "2025", 60)
    old = [row | {"value": row["value"] + (40 if n >= 9 else 0)} for n, row in enumerate(calm)]
    assert "CB.10" not in set(alerts_of(shipped, observe(*old))["rule"])


def test_comparing_twice_keeps_the_first_day_and_forgets_what_was_cleared(three):
    june, july, september = three
    again = states.compare(september, september[september["state"] != "cleared"])
    assert set(again["state"]) == {"standing"}
    assert len(again) == (september["state"] != "cleared").sum()
    kept = july[july["state"] == "standing"].set_index(of_rules.KEY)["since"]
    assert (kept == june.set_index(of_rules.KEY)["since"].loc[kept.index]).all()


def test_an_empty_side_makes_everything_new_or_cleared(three):
    june = three[0]
    assert set(states.compare(june.iloc[:0], june)["state"]) == {"new"}
    assert set(states.compare(june, june.iloc[:0])["state"]) == {"cleared"}


def test_broken_rules_are_told_with_their_rows_all_at_once(shipped, tmp_path):
    text = (shipped.root / "catalogue" / "alert_rules.csv").read_text(encoding="utf-8")
    broken = text.replace("off_trajectory", "off_track").replace(",strategic,60,", ",high,many,")
    (tmp_path / "catalogue").mkdir()
    Path(tmp_path / "catalogue" / "alert_rules.csv").write_text(broken, encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        of_rules.load_rules(replace(shipped, root=tmp_path))
    assert {(problem.row, problem.column) for problem in caught.value.problems} == {
        (2, "check"),
        (3, "severity"),
        (3, "threshold"),
    }


def test_the_command_writes_the_contracts_columns_and_refuses_days_in_the_wrong_order(tmp_path, in_project):
    runner = CliRunner()
    path = tmp_path / "alerts.csv"
    call = ["alerts", "--known", "2026-07-31", "--since", "2026-06-30", "--no-probability", "-o", str(path)]
    result = runner.invoke(app, call)
    assert result.exit_code == 0, result.output
    assert pd.read_csv(path).columns[: len(of_rules.COLUMNS)].tolist() == of_rules.COLUMNS
    wrong = runner.invoke(app, ["alerts", "--known", "2026-06-30", "--since", "2026-07-31"])
    assert isinstance(wrong.exception, ProblemError) and "--since" in str(wrong.exception)


def test_a_low_probability_is_told_and_one_at_the_threshold_or_unknown_is_not(shipped, june_known):
    now = june_known
    assert "CB.03" not in set(of_rules.standing(now, of_rules.load_rules(shipped))["rule"])
    subjects = now.progress[(now.progress["row"] != "") & (now.progress["verdict"] != "target_achieved")]["indicator"]
    low, exact = list(dict.fromkeys(subjects))[:2]
    chance = now.progress["indicator"].map({low: 0.05, exact: 0.2})
    found = of_rules.standing(
        replace(now, progress=now.progress.assign(p_met=chance)), of_rules.load_rules(shipped)
    ).query("rule == 'CB.03'")
    assert set(found["subject"]) == {low}
    assert found["value"].iloc[0] == pytest.approx(5) and found["severity"].iloc[0] == "strategic"


def test_on_a_screen_an_alert_reads_in_vietnamese(three):
    shown = screen.alerts(three[1])
    assert len(shown) == len(three[1]) and len(shown.columns) == 6
    economy = shown[shown["alert"] == "Lệch quỹ đạo đường thẳng quá ngưỡng (chiến lược)"].iloc[0]
    assert (economy["value"], economy["threshold"]) == ("11,62 %", "10 %")
    assert economy["state"] == "vẫn còn, phát sinh ngày 05/01/2026" and "A.02.02" in economy["subject"]


def test_the_alerts_of_two_editions_are_compared_by_the_command(three, tmp_path, monkeypatch):
    june, july, _ = three
    for name, table in (("ky-1", june), ("ky-2", july)):
        (tmp_path / "reports" / name).mkdir(parents=True)
        table.to_csv(tmp_path / "reports" / name / "alerts.csv", index=False)
    monkeypatch.setattr("nq57lab.alerts.cli.project_root", lambda: tmp_path)
    path = tmp_path / "diff.csv"
    result = CliRunner().invoke(app, ["alerts", "--editions", "ky-1", "ky-2", "-o", str(path)])
    assert result.exit_code == 0, result.output
    found, want = pd.read_csv(path), states.compare(june, july)
    assert (
        found[[*of_rules.KEY, "state", "since"]].values.tolist()
        == want[[*of_rules.KEY, "state", "since"]].values.tolist()
    )
    missing = CliRunner().invoke(app, ["alerts", "--editions", "ky-1", "ky-9"])
    assert isinstance(missing.exception, ProblemError) and "ky-9" in str(missing.exception)
    both = CliRunner().invoke(app, ["alerts", "--editions", "ky-1", "ky-2", "--known", "2026-06-30"])
    assert isinstance(both.exception, ProblemError) and "--editions" in str(both.exception)


def test_every_check_says_why_it_alerts_in_its_own_words():
    assert set(pages.WHY) == set(of_rules.CHECKS)
    assert all("{value}" in text for text in pages.WHY.values())
