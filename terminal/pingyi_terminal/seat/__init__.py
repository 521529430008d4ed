"""The seat: where a member checks in, scores, and sees that the ballot is on the record.

``view`` says which face to show (pure), ``hands`` what a key means on it (pure), ``draft`` what is being typed
(pure). ``app`` holds the session and the drafts; each screen paints one kind of face and decides nothing.
"""
