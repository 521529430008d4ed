"""The durable, tamper-evident record of a meeting: a Merkle log of events over a SQL store."""
