"""What a record means: the definition of a meeting, its events, its rules and its figures. Pure."""
