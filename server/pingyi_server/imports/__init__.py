"""Meeting files: workbook and TOML, one mapping for both, findings that name their cell, and the sample meeting."""
