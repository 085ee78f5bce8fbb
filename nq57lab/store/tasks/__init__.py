"""What agencies report of their tasks: the form, the reports, the state on a day."""
