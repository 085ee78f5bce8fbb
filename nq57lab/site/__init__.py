"""The published site: what one audience may read, as pages and as open data."""
