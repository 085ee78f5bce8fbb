"""Viet Nam beside other countries, provinces and ministries beside each other: level, pace, position."""
