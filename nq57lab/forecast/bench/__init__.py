"""The bench: models compared on series with a known future; forecasts, scores and a league table out."""
