"""The instrument: what the program does under load and under attack, measured on this machine."""
