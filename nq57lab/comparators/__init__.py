"""Viet Nam beside other countries: level, pace, position."""
