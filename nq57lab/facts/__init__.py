"""What is measured and what was observed: catalogue, observations, what is known on a date, indicator values, figures with their provenance."""
