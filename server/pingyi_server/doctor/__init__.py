"""Whether this machine and a meeting's folder are ready for the day; nothing is changed by looking."""
