"""The hall display: what everybody sees on the wall, without a key being pressed.

``view`` chooses what is shown, purely; ``faces`` draw it; ``app`` holds the session and the clock.
"""
