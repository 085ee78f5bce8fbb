"""Drawing: the theme, the basic drawings and the tile map; labelled frames in, Vega-Lite specifications and pictures out."""
