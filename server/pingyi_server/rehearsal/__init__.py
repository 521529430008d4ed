"""The meeting once through with simulated members, on the machine that will serve it."""
