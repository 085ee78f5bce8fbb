"""Building an index step by step: iData, iMeta and a configuration in, scores, ranks, stages and changes out."""
