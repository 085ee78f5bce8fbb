"""What ``nq57 alerts`` shows on a screen: a few columns in Vietnamese; files keep every column and digit.

A table of alerts in; a table of text out.
"""

from datetime import date

import pandas as pd

from nq57lab.alerts import rules as of_rules
from nq57lab.base import wording
from nq57lab.targets.screen import short


def alerts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the alerts: rule, subject, value against threshold, state and since when, who is to be told.

    Parameters
    ----------
    table : DataFrame
        :data:`nq57lab.alerts.rules.COLUMNS` and ``MORE``.
    """
    rows = [
        {
            "Cảnh báo": f"{row['name']} ({of_rules.SEVERITIES[row['severity']]})",
            "Đối tượng": f"{row['subject_name'].split(' (')[0]} ({row['subject']})",
            "Giá trị": f"{short(float(row['value']))} {row['unit']}",
            "Ngưỡng": f"{short(float(row['threshold']))} {row['unit']}",
            "Tình trạng": f"{of_rules.STATES[row['state']]}, từ {wording.day(date.fromisoformat(row['since']))}",
            "Báo cho": row["tell"],
        }
        for row in table.to_dict("records")
    ]
    columns = ["Cảnh báo", "Đối tượng", "Giá trị", "Ngưỡng", "Tình trạng", "Báo cho"]
    return pd.DataFrame(rows, columns=columns)
