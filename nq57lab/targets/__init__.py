"""Progress towards targets: cases in, measures, verdicts, reasons and chances out."""
