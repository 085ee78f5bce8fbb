"""What every room stands on and nothing of the domain: periods, Vietnamese writing, the formula grammar, tables and their contract, problems and messages."""
