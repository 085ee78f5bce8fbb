"""How far an index can be trusted: diagnosis, uncertainty and sensitivity of its ranks."""
