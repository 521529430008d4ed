"""The clerk's console: every terminal and its person, the agenda, exports, calls from seats, and how the server is.

``situation`` is what it sees (pure), ``acts`` what can be done with whom (pure), ``manual`` what a result by hand is
made of (pure), ``view`` what the screen shows (pure). ``app`` holds the session; every change is a signed command.
"""
