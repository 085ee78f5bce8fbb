"""JupyterLab for analysts: opening it, looking things up, starting an analysis."""
