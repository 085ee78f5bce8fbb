"""The door for analysts: one lab opened on a day, one result class, and the same methods on anybody's own table.

It imports every slice; nothing imports it but ``nq57lab`` itself (lazily), notebooks and JupyterLab's helpers. A result holds a tidy
frame and writes its sentence, its table and its charts with the very functions that reports use.
"""
