"""What is put before a meeting: slides and a leaflet, made of pieces of the report."""
