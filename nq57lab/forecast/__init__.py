"""The forecasting laboratory: models for batches of short series, calibrated intervals, backtests, probabilities of attainment."""
