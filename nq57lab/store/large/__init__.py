"""The store's work on millions of rows: the rules said once in SQL, run by DuckDB here or by Spark on many machines."""
