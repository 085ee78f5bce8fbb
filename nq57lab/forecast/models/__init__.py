"""Forecasting models in batches, one protocol: series in, point forecasts and their spread out."""
