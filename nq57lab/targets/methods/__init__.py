"""One published method of progress a file: a table of cases in, a table of measures out."""
