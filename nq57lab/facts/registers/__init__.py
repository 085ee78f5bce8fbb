"""The registers as they stand on a day."""
