"""What is read from a finished index besides its scores: tables across levels and stages, groups, trends, comparisons, a workbook."""
