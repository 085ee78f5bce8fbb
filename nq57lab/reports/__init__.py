"""Reports: which pieces stand in which order; arrangement only."""
