"""The site's dashboards and lists: front page, nation, systems, provinces, agencies, reports, catalogue, methods, open data."""
