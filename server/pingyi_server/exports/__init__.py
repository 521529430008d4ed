"""What leaves the house: tables, results and the record bundle, all from one reading of the record."""
