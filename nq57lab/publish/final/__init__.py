"""What a final edition must keep before it is made."""
