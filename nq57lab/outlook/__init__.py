"""What may come: forecasts of the macro KPIs, chances of their targets, scenarios, sensitivity, verification."""
