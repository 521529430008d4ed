"""Whether this program has something to draw a screen on: a terminal, or the page of a browser."""

import os

BROWSER_DRIVER = "pingyi_terminal.web.driver:BrowserDriver"
"""What Textual draws with in a program that ``pingyi web`` runs for a page; given to it in the environment."""


def in_browser() -> bool:
    """Whether the screens of this program are drawn in a page that ``pingyi web`` serves."""
    return os.environ.get("TEXTUAL_DRIVER") == BROWSER_DRIVER


def has_display() -> bool:
    """Whether there is somewhere to show a screen and to read keys from."""
    return in_browser() or os.isatty(0)
