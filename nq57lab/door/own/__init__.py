"""The same methods on anybody's own table, outside any project."""
