"""Seat cards: one enrolment code each, to scan or to type, on paper and as pictures."""
