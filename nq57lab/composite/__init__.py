"""Composite indices: the dynamic score of the Resolution, and a laboratory in which any index is built, audited and stress-tested."""
