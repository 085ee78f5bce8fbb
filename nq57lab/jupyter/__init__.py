"""JupyterLab for this project: its start, settings, templates and tutorial."""
