"""The store's work at scale on integer codes: Parquet in, Parquet out."""
