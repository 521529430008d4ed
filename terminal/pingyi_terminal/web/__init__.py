"""Screens in a browser: ``pingyi web`` serves a page, and runs the terminal's program for it on the same machine."""
