"""Pages on which a reader moves an assumption and sees what follows: weights of an index, the pace of a target, a push on a lever."""
