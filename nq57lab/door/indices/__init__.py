"""What stands behind nq.Index: the questions that it answers from its build, and how its choices are changed."""
