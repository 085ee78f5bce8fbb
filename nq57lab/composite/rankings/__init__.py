"""Quarterly leagues of ministries and provinces, or the reason why there is none."""
