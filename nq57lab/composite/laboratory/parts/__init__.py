"""The parts that steps are made of: their parameters, the state between them, scaling, reading tables, functions of the user's own."""
