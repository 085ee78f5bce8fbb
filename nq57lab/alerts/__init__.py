"""Early warning: rules as data, checked against the figures, targets and tasks known on a date; new, standing and cleared between two."""
