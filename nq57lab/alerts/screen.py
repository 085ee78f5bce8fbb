"""What ``nq57 alerts`` shows on a screen: a few columns in Vietnamese; files keep every column and digit.

A table of alerts in; a table of text out.
"""

import pandas as pd

from nq57lab.alerts import rules as of_rules
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
            "alert": f"{row['name']} ({of_rules.SEVERITIES[row['severity']]})",
            "subject": f"{row['subject_name']} ({row['subject']})",
            "value": f"{short(float(row['value']))} {row['unit']}",
            "threshold": f"{short(float(row['threshold']))} {row['unit']}",
            "state": of_rules.state_words(row["state"], row["since"]),
            "tell": row["tell"],
        }
        for row in table.to_dict("records")
    ]
    columns = ["alert", "subject", "value", "threshold", "state", "tell"]
    return pd.DataFrame(rows, columns=columns)
