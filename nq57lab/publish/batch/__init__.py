"""Many documents at once: warm workers, keys, a cache."""
