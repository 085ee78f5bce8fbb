"""The catalogue audited by rule: catalogue in, one row a defect out."""
