"""The audit of the indicator set: rules, and the list of what they find."""
