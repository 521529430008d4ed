"""The scrutineer's screen: what waits for the signature, and where the meeting stands."""
