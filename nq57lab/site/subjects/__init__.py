"""The page of one indicator, KPI or target: its finding, its chart, its definition, who answers for it, and its files."""
