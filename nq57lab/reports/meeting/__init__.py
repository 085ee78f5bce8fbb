"""Reports before a meeting: the slides of the review and of a province's profile, the leaflet."""
