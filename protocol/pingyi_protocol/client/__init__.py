"""The terminal's side of the wire: enrolment and the session. The only sockets in this package are here."""
