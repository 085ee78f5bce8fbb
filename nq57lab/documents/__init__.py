"""What a document is made of: an edition, its pieces, the writer of numbers, templates, annexes, what JupyterLab shows."""
