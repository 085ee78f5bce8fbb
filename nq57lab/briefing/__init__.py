"""Briefing reports: parameters, execution of notebooks, documents and their rendering."""
