"""What minutes, slips and bulletin say, worded once from the one reading of the record."""
