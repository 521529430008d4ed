"""The chair console: everything for the next step of the meeting on one screen."""
