"""The dynamic score of a set of KPIs and the composite of an area, and why it changed."""
