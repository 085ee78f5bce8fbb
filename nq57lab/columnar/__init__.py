"""The store's work at scale, on columns of integer codes."""
