"""The results as a workbook: a sheet for each table, charts, and the composite with formulas that are live."""
