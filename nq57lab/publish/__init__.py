"""From parameters and a notebook to documents: running, rendering, batches, checks of what was published."""
