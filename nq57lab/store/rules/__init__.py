"""What a figure must keep besides its shape: the unit that its text says, and what is plausible."""
