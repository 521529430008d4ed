"""Keys and where they rest: Ed25519 and CURVE pairs, encrypted key files, enrolment codes, terminal profiles."""
