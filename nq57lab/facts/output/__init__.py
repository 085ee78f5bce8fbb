"""Tables that leave the project, for readers."""
