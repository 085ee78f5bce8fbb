"""Feedback loops: the signed graph, its loops, what a push does, how much of it the data support, where to push."""
