"""Whether the figures can be trusted: đúng, đủ, sạch, sống; the printed figures of a document recomputed; the catalogue audited."""
