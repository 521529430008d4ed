"""Documents to print: fonts that hold every character, and templates that are filled with data."""
